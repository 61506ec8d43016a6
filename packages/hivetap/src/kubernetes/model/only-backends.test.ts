import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KubernetesNames } from './kubernetes-names.js'
import type { PickedEndpoint, PickedSlice } from './pick/pick-endpoint-slice.js'
import type { PickedService } from './pick/pick-service.js'

const SECOND = 1000
const START = Date.UTC(2026, 10, 28, 12)
const [OWN, OWN_6] = ['10.96.0.1', 'fd00::1']

const web: PickedService = {
  namespace: 'shop',
  name: 'web',
  uid: 'uid-web',
  clusterIPs: [OWN, OWN_6],
  sharedIPs: ['203.0.113.9'],
  ports: [
    { port: 80, name: 'http' },
    { port: 81, name: 'admin' },
  ],
  selects: true,
  isNodeLocal: false,
}
const backend = (name: string, address: string, isReady = true): PickedEndpoint => ({
  address,
  isReady,
  node: 'n1',
  pod: { name, uid: `uid-${name}` },
})
const ONE = backend('one', '10.0.0.7')
const TWO = backend('two', '10.0.0.8')

/** A cluster that has been watched for a while, with a Service, and what becomes of a connect to it. */
function given(service: Partial<PickedService> = {}) {
  let nowMs = START
  const names = new KubernetesNames({ now: () => nowMs })
  names.serviceSink.replace([{ ...web, ...service }])
  names.nodeSink.replace([{ name: 'n1', uid: 'uid-n1', addresses: ['192.0.2.1'] }])
  names.endpointSliceSink.replace([])
  const put = (endpoints: readonly PickedEndpoint[], more: Partial<PickedSlice> = {}) =>
    names.endpointSliceSink.put({
      namespace: 'shop',
      name: 'web-x',
      service: 'web',
      managed: true,
      ports: [{ port: 8080, name: 'http' }],
      endpoints,
      ...more,
    })
  /** Something is told every ten seconds: of a silent watch less is known. */
  const pass = (ms: number) => {
    const untilMs = nowMs + ms
    while (nowMs + 10 * SECOND < untilMs) {
      nowMs += 10 * SECOND
      put([TWO], { name: 'other-x', service: 'other', ports: [{ port: nowMs % 60_000, name: 'http' }] })
    }
    nowMs = untilMs
  }
  const ledTo = (address = OWN, port = 80, timeMs = nowMs) => names.farEnd(address, port, timeMs)?.pod?.name
  return { names, put, pass, ledTo }
}

/** The same where a slice has been as it is for long enough. */
function settled(...args: Parameters<ReturnType<typeof given>['put']>) {
  const cluster = given()
  cluster.put(...args)
  cluster.pass(60 * SECOND)
  return cluster
}

describe('a Service’s address', () => {
  it('leads to the only backend that is ready, with the Service, its port and its pod', () => {
    const { names, ledTo } = settled([ONE, backend('two', '10.0.0.8', false)])
    expect(names.farEnd(OWN, 80, START + 60 * SECOND)).toEqual({
      service: { namespace: 'shop', name: 'web', portName: 'http' },
      pod: { namespace: 'shop', name: 'one', uid: 'uid-one' },
    })
    // Another port of the Service, none of it, and an address that need not lead through this cluster.
    expect([ledTo(OWN, 81), ledTo(OWN, 82), ledTo('203.0.113.9')]).toEqual([undefined, undefined, undefined])
  })

  it('leads to nobody that can be told where two are ready, in one slice or in two', () => {
    expect(settled([ONE, TWO]).ledTo()).toBeUndefined()
    const { put, pass, ledTo } = settled([ONE])
    expect(ledTo()).toBe('one')
    put([TWO], { name: 'web-y' })
    expect(ledTo()).toBeUndefined()
    pass(60 * SECOND)
    expect(ledTo()).toBeUndefined()
    // Before the other was heard of, and could have been there, it was the only one.
    expect(ledTo(OWN, 80, START + 29 * SECOND)).toBeUndefined()
    put([], { name: 'web-y' })
    expect(ledTo()).toBeUndefined()
    pass(30 * SECOND)
    expect(ledTo()).toBe('one')
  })

  it('leads to a backend once no proxy can be behind it, and as of the time of the connect', () => {
    const { put, pass, ledTo } = given()
    pass(60 * SECOND)
    put([ONE, TWO])
    pass(60 * SECOND)
    put([ONE])
    const oneAloneAt = START + 120 * SECOND
    expect(ledTo()).toBeUndefined()
    pass(29 * SECOND)
    expect(ledTo()).toBeUndefined()
    pass(SECOND)
    expect(ledTo()).toBe('one')
    pass(60 * SECOND)
    put([TWO])
    expect(ledTo(OWN, 80, oneAloneAt + 60 * SECOND - 1)).toBe('one')
    expect(ledTo(OWN, 80, oneAloneAt + 75 * SECOND)).toBeUndefined()
    pass(60 * SECOND)
    expect(ledTo()).toBe('two')
    expect(ledTo(OWN, 80, oneAloneAt + 59 * SECOND)).toBe('one')
  })

  it('leads to backends of its own kind of address', () => {
    const { put, pass, ledTo } = settled([ONE])
    put([backend('six', 'fd00::7'), backend('seven', 'fd00::8')], { name: 'web-6' })
    pass(60 * SECOND)
    expect([ledTo(OWN), ledTo(OWN_6)]).toEqual(['one', undefined])
  })

  it('leads where the port’s name says, though pods have it at another number', () => {
    const ports = [
      { port: 8080, name: 'http' },
      { port: 9090, name: 'admin' },
    ]
    const { put, pass, ledTo } = settled([ONE], { ports })
    put([TWO], { name: 'web-y', ports: [{ port: 9091, name: 'admin' }] })
    pass(60 * SECOND)
    expect([ledTo(OWN, 80), ledTo(OWN, 81)]).toEqual(['one', undefined])
  })

  it('leads to a pod in the host’s network, with its node', () => {
    const { names, ledTo } = settled([backend('host', '192.0.2.1')])
    expect(ledTo()).toBe('host')
    expect(names.farEnd(OWN, 80, START + 60 * SECOND)?.node).toBe('n1')
  })

  it('leads to nobody that can be told where connects stay on the node, or nobody keeps the slice', () => {
    for (const service of [{ isNodeLocal: true }, { selects: false }]) {
      const { put, pass, ledTo } = given(service)
      put([ONE])
      pass(60 * SECOND)
      expect(ledTo()).toBeUndefined()
      // A slice that somebody else writes is kept.
      put([ONE], { managed: false })
      pass(60 * SECOND)
      expect(ledTo()).toBe(service.isNodeLocal === true ? undefined : 'one')
    }
  })

  it('leads to nobody that can be told of a time of which slices are not all known', () => {
    const { names, put, pass, ledTo } = settled([ONE])
    expect(ledTo()).toBe('one')
    expect(ledTo(OWN, 80, START + SECOND)).toBeUndefined()
    names.endpointSliceSink.replace([
      {
        namespace: 'shop',
        name: 'web-x',
        service: 'web',
        managed: true,
        ports: [{ port: 8080, name: 'http' }],
        endpoints: [ONE],
      },
    ])
    pass(20 * SECOND)
    expect(ledTo()).toBeUndefined()
    pass(10 * SECOND)
    expect(ledTo()).toBe('one')
    // What goes to and fro without end is not looked through.
    for (let times = 0; times < 70; times++) put(times % 2 === 0 ? [ONE, TWO] : [ONE])
    pass(60 * SECOND)
    expect(ledTo()).toBeUndefined()
    pass(15 * 60 * SECOND)
    names.forget()
    expect(ledTo()).toBe('one')
  })

  it('leads to whom a plain look at all that was ready says, whatever the history', () => {
    const endpoints = [ONE, TWO, backend('three', '10.0.0.9')]
    const change = fc.record({
      slice: fc.constantFrom('web-x', 'web-y'),
      ready: fc.subarray(endpoints),
      forMs: fc.integer({ min: 1, max: 60 * SECOND }),
    })
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1 }),
        (changes, part) => {
          const { put, pass, ledTo } = given()
          const history: { atMs: number; names: string }[] = []
          const slices = new Map<string, readonly PickedEndpoint[]>()
          let nowMs = START
          for (const { slice, ready, forMs } of changes) {
            put(ready, { name: slice })
            slices.set(slice, ready)
            const names = new Set([...slices.values()].flat().map(({ pod }) => pod?.name))
            history.push({ atMs: nowMs, names: [...names].join() })
            pass(forMs)
            nowMs += forMs
          }
          const askedMs = Math.round(START + part * (nowMs - START))
          const before = history.findLast(({ atMs }) => atMs <= askedMs - 30 * SECOND)
          const since = history.filter(({ atMs }) => askedMs - 30 * SECOND < atMs && atMs <= askedMs)
          const told = ledTo(OWN, 80, askedMs)
          if (told === undefined) return
          expect([before, ...since].map((each) => each?.names)).toEqual(Array(since.length + 1).fill(told))
        },
      ),
    )
  })
})
