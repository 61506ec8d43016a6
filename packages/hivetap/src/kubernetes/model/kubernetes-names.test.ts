import { describe, expect, it } from 'vitest'
import { KubernetesNames, type KubernetesNamesOptions } from './kubernetes-names.js'
import type { PickedSlice } from './pick/pick-endpoint-slice.js'
import type { PickedNode } from './pick/pick-node.js'
import { type PickedPod, pickPod } from './pick/pick-pod.js'
import type { PickedService } from './pick/pick-service.js'
import type { PodChange } from './pods.js'

const MINUTE = 60_000

function given(options: Partial<KubernetesNamesOptions> = {}) {
  const clock = { ms: Date.UTC(2026, 10, 28, 12) }
  const names = new KubernetesNames({ now: () => clock.ms, ...options })
  for (const sink of [names.podSink, names.serviceSink, names.endpointSliceSink, names.nodeSink])
    sink.replace([])
  const at = (address: string, port: number, ago = 0) => names.farEnd(address, port, clock.ms - ago)
  return { clock, names, at }
}

function podOf(
  name: string,
  more: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
): PickedPod {
  const picked = pickPod({
    metadata: { namespace: 'shop', name, uid: `uid-${name}`, ...metadata },
    spec: { nodeName: 'n0' },
    status: {
      podIP: '10.0.0.1',
      containerStatuses: [{ name: 'app', image: 'app:1', containerID: `containerd://${name}-1` }],
    },
    ...more,
  })
  if (picked === undefined) throw new Error('a pod that is one was not picked')
  return picked
}

function sliceOf(
  service: string,
  endpoints: PickedSlice['endpoints'],
  more: Partial<PickedSlice> = {},
): PickedSlice {
  return {
    namespace: 'shop',
    name: `${service}-x`,
    service,
    managed: true,
    ports: [{ port: 8080, name: 'http' }],
    endpoints,
    ...more,
  }
}

function serviceOf(name: string, more: Partial<PickedService> = {}): PickedService {
  return {
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    clusterIPs: [],
    sharedIPs: [],
    ports: [{ port: 80, name: 'http' }],
    selects: true,
    isNodeLocal: false,
    ...more,
  }
}

const nodeOf = (name: string, ...addresses: string[]): PickedNode => ({ name, uid: `uid-${name}`, addresses })
const backend = (name: string, address: string, node = 'n1') => ({
  address,
  isReady: true,
  node,
  pod: { name, uid: `uid-${name}` },
})

describe('a pod of this node', () => {
  it('is found by its UID, its container by the id', () => {
    const { names } = given({ labels: ['app', 'constructor'] })
    names.podSink.put(podOf('p', {}, { labels: { app: 'web', other: 'x' } }))
    expect(names.podOf('uid-p', 'p-1', 0)).toEqual({
      namespace: 'shop',
      name: 'p',
      uid: 'uid-p',
      node: 'n0',
      labels: { app: 'web' },
      workload: { kind: 'Pod', name: 'p' },
      container: { name: 'app', image: 'app:1' },
    })
    expect(names.podOf('uid-p', 'the sandbox', 0)).not.toHaveProperty('container')
    expect(names.podOf('uid-q', 'p-1', 0)).toBeUndefined()
    expect(names.counts().asked.pods).toEqual({ named: 2, unresolved: 1, unknown: 0 })
  })

  it('is one object until it is told anew', () => {
    const { names } = given({ labels: ['app'] })
    names.podSink.put(podOf('p', {}, { labels: { app: 'web' } }))
    const [named, sandbox] = [names.podOf('uid-p', 'p-1', 0), names.podOf('uid-p', undefined, 0)]
    expect(names.podOf('uid-p', 'p-1', 1)).toBe(named)
    expect(names.podOf('uid-p', 'the sandbox', 1)).toBe(sandbox)
    expect(sandbox).not.toBe(named)
    names.podSink.put(podOf('p', {}, { labels: { app: 'shop' } }))
    expect(names.podOf('uid-p', 'p-1', 2)?.labels).toEqual({ app: 'shop' })
    names.podSink.remove(podOf('p'))
    expect(names.podOf('uid-p', 'p-1', 3)).toBe(names.podOf('uid-p', 'p-1', 4))
  })

  it('is found by the ids of its last few starts, each with the image that it had', () => {
    const { names } = given()
    const put = (run: number) =>
      names.podSink.put(
        podOf('p', {
          status: {
            containerStatuses: [{ name: 'app', image: `app:${run}`, containerID: `containerd://c${run}` }],
          },
        }),
      )
    for (let run = 1; run <= 6; run++) put(run)
    const images = [1, 2, 3, 4, 5, 6].map((run) => names.podOf('uid-p', `c${run}`, 0)?.container?.image)
    expect(images).toEqual([undefined, undefined, 'app:3', 'app:4', 'app:5', 'app:6'])
  })

  it('that is static is found by the UID that the kubelet gave it, with dashes or without', () => {
    const { names } = given()
    const hash = '0123456789abcdef0123456789abcdef'
    const annotations = { 'kubernetes.io/config.mirror': hash }
    names.podSink.put(podOf('etcd-n0', {}, { uid: 'first', annotations }))
    // Its image in the API was removed and made anew; the pod runs on.
    names.podSink.put(podOf('etcd-n0', {}, { uid: 'second', annotations }))
    names.podSink.remove(podOf('etcd-n0', {}, { uid: 'first', annotations }))
    expect(names.podOf(hash, undefined, 0)?.uid).toBe('second')
    expect(names.podOf('01234567-89ab-cdef-0123-456789abcdef', undefined, 0)?.uid).toBe('second')
  })

  it('stays known for a while after it is gone, and not for ever', () => {
    const { names, clock } = given({ historyMs: 10 * MINUTE })
    names.podSink.put(podOf('p'))
    names.podSink.replace([])
    clock.ms += 9 * MINUTE
    names.forget()
    expect(names.podOf('uid-p', 'p-1', clock.ms)?.container?.name).toBe('app')
    clock.ms += 2 * MINUTE
    names.forget()
    expect(names.podOf('uid-p', 'p-1', clock.ms)).toBeUndefined()
    expect(names.counts().pods).toEqual({ known: 0, past: 0, evicted: 0, refused: 0 })
  })

  it('is forgotten before its time where too many are gone, and that is counted', () => {
    const { names } = given()
    for (let each = 0; each < 1100; each++) {
      names.podSink.put(podOf(`p${each}`))
      names.podSink.remove(podOf(`p${each}`))
    }
    expect(names.counts().pods).toMatchObject({ past: 1024, evicted: 76 })
    expect(names.podOf('uid-p0', undefined, 0)).toBeUndefined()
    expect(names.podOf('uid-p1099', undefined, 0)?.name).toBe('p1099')
  })

  it('is told when it comes, changes and goes, and not where nothing changed', () => {
    const { names } = given()
    const told: string[] = []
    const tell = ({ kind, pod }: PodChange) =>
      told.push(`${kind} ${pod.name} ${pod.containers[0]?.runs[0]?.id}`)
    const end = names.onPod(tell)
    names.podSink.put(podOf('p'))
    names.podSink.put(podOf('p'))
    names.podSink.replace([podOf('p'), podOf('q')])
    names.podSink.put(podOf('p', {}, { labels: { app: 'web' } }))
    names.podSink.remove(podOf('q'))
    expect(told).toEqual(['put p p-1', 'put q q-1', 'put p p-1', 'removed q q-1'])
    expect([...names.pods()].map(({ name }) => name)).toEqual(['p'])
    end()
    names.podSink.remove(podOf('p'))
    expect(told.length).toBe(4)
  })

  it('that is over does not have its address any more, though the API still says so', () => {
    const { names, at, clock } = given()
    names.podSink.put(podOf('job'))
    expect(at('10.0.0.1', 80)?.pod?.name).toBe('job')
    clock.ms += MINUTE
    names.podSink.put(podOf('job', { status: { phase: 'Succeeded', podIP: '10.0.0.1' } }))
    expect(at('10.0.0.1', 80)).toBeUndefined()
    names.podSink.put(podOf('next'))
    expect(at('::ffff:10.0.0.1', 80)?.pod?.name).toBe('next')
  })

  it('that was there before the first list had its address since its container runs', () => {
    const { names, clock, at } = given()
    const startedAt = new Date(clock.ms - 10 * MINUTE).toISOString().replace('.000', '')
    const containerStatuses = [{ name: 'app', state: { running: { startedAt } } }]
    names.podSink.replace([podOf('p', { status: { podIP: '10.0.0.1', containerStatuses } })])
    expect(at('10.0.0.1', 80, 9 * MINUTE)?.pod?.name).toBe('p')
    expect(at('10.0.0.1', 80, 11 * MINUTE)).toBeUndefined()
  })
})

describe('a far end', () => {
  it('is the pod and the Service whose backend it is', () => {
    const { names, at } = given()
    names.nodeSink.put(nodeOf('n1', '192.0.2.1'))
    names.endpointSliceSink.put(sliceOf('web', [backend('w', '10.0.0.7')]))
    const pod = { namespace: 'shop', name: 'w', uid: 'uid-w' }
    const service = { namespace: 'shop', name: 'web', portName: 'http' }
    expect(at('10.0.0.7', 8080)).toEqual({ pod, service })
    expect(at('10.0.0.7', 9090)).toEqual({ pod })
    // Of two Services nobody knows which was asked for.
    names.endpointSliceSink.put(sliceOf('web-headless', [backend('w', '10.0.0.7')]))
    expect(at('10.0.0.7', 8080)).toEqual({ pod })
  })

  it('is a backend that is no pod, by the Service alone', () => {
    const { names, at } = given()
    names.endpointSliceSink.put(
      sliceOf('db', [{ address: '198.51.100.7', isReady: true }], { managed: false }),
    )
    expect(at('198.51.100.7', 8080)).toEqual({ service: { namespace: 'shop', name: 'db', portName: 'http' } })
    expect(at('198.51.100.7', 22)).toBeUndefined()
  })

  it('is a Service by its own address, whatever the port, and by one that it shares, at its ports', () => {
    const { names, at } = given()
    names.serviceSink.put(
      serviceOf('web', { clusterIPs: ['10.96.0.1', 'fd00::1'], sharedIPs: ['203.0.113.9'] }),
    )
    names.serviceSink.put(serviceOf('mail', { sharedIPs: ['203.0.113.9'], ports: [{ port: 25, name: '' }] }))
    const web = { namespace: 'shop', name: 'web' }
    expect(at('10.96.0.1', 80)).toEqual({ service: { ...web, portName: 'http' } })
    expect(at('fd00:0::1', 80)).toEqual({ service: { ...web, portName: 'http' } })
    expect(at('10.96.0.1', 81)).toEqual({ service: web })
    expect(at('203.0.113.9', 25)).toEqual({ service: { namespace: 'shop', name: 'mail' } })
    expect(at('203.0.113.9', 26)).toBeUndefined()
  })

  it('is a node, and a Service at a port of every node', () => {
    const { names, at } = given()
    names.nodeSink.put(nodeOf('n1', '192.0.2.1', '198.51.100.1'))
    names.serviceSink.put(serviceOf('web', { ports: [{ port: 80, name: 'http', nodePort: 30_080 }] }))
    expect(at('198.51.100.1', 22)).toEqual({ node: 'n1' })
    expect(at('192.0.2.1', 30_080)).toEqual({
      node: 'n1',
      service: { namespace: 'shop', name: 'web', portName: 'http' },
    })
    expect(at('192.0.2.2', 30_080)).toBeUndefined()
  })

  it('is of pods in the host’s network the node, and the pod that alone has the port', () => {
    const { names, at } = given()
    names.nodeSink.put(nodeOf('n1', '192.0.2.1'))
    names.endpointSliceSink.put(sliceOf('exporter', [backend('e', '192.0.2.1')]))
    names.endpointSliceSink.put(
      sliceOf('dns', [backend('d', '192.0.2.1')], { ports: [{ port: 53, name: '' }] }),
    )
    expect(at('192.0.2.1', 53)).toMatchObject({ node: 'n1', pod: { name: 'd' } })
    expect(at('192.0.2.1', 10_250)).toEqual({ node: 'n1' })
    names.endpointSliceSink.put(
      sliceOf('dns-2', [backend('d2', '192.0.2.1')], { ports: [{ port: 53, name: '' }] }),
    )
    expect(at('192.0.2.1', 53)).toEqual({ node: 'n1' })
  })

  it('is of a pod whose node is not known nothing but at its port: the address may be the node’s', () => {
    const { names, at } = given()
    names.endpointSliceSink.put(sliceOf('exporter', [backend('e', '192.0.2.1')]))
    expect(at('192.0.2.1', 10_250)).toBeUndefined()
    expect(at('192.0.2.1', 8080)).toMatchObject({ pod: { name: 'e' } })
    names.nodeSink.put(nodeOf('n1'))
    expect(at('192.0.2.1', 10_250)).toBeUndefined()
    names.nodeSink.put(nodeOf('n1', '192.0.2.1'))
    expect(at('192.0.2.1', 10_250)).toEqual({ node: 'n1' })
  })

  it('is as of the time: of an address that was given anew the former, and between the two none', () => {
    const { names, at, clock } = given()
    names.nodeSink.put(nodeOf('n1', '192.0.2.1'))
    clock.ms += 5 * MINUTE
    names.endpointSliceSink.put(sliceOf('web', [backend('old', '10.0.0.7')]))
    for (let minute = 0; minute < 10; minute++) {
      clock.ms += MINUTE / 4
      names.endpointSliceSink.put(sliceOf('other', []))
    }
    names.endpointSliceSink.put(sliceOf('web', [backend('new', '10.0.0.7')]))
    expect(at('10.0.0.7', 8080)?.pod?.name).toBe('new')
    expect(at('10.0.0.7', 8080, 10_000)).toBeUndefined()
    expect(at('10.0.0.7', 8080, 31_000)?.pod?.name).toBe('old')
    expect(at('10.0.0.7', 8080, 10 * MINUTE)).toBeUndefined()
  })

  it('is none where two pods claim one address, until one gives it up', () => {
    const { names, at } = given()
    names.nodeSink.put(nodeOf('n1', '192.0.2.1'))
    names.endpointSliceSink.put(sliceOf('a', [backend('one', '10.0.0.7')]))
    names.endpointSliceSink.put(
      sliceOf('b', [backend('two', '10.0.0.7')], { ports: [{ port: 9090, name: '' }] }),
    )
    expect(at('10.0.0.7', 8080)).toBeUndefined()
    expect(names.counts().asked.farEnds).toEqual({ named: 0, unresolved: 1, unknown: 0 })
    names.endpointSliceSink.remove(sliceOf('a', []))
    expect(at('10.0.0.7', 9090)?.pod?.name).toBe('two')
  })

  it('is none by slices that nobody keeps since their Service has lost its selector', () => {
    const { names, at } = given()
    names.nodeSink.put(nodeOf('n1', '192.0.2.1'))
    names.serviceSink.put(serviceOf('web'))
    names.endpointSliceSink.put(sliceOf('web', [backend('w', '10.0.0.7')]))
    expect(at('10.0.0.7', 8080)?.pod?.name).toBe('w')
    names.serviceSink.put(serviceOf('web', { selects: false }))
    expect(at('10.0.0.7', 8080)).toBeUndefined()
  })

  it('is none of loopback, of what is no address, and of what is outside', () => {
    const { names, at } = given()
    names.nodeSink.put(nodeOf('n1', '127.0.0.1', '192.0.2.1'))
    for (const address of ['127.0.0.1', '::1', '::', 'x', '', '203.0.113.1'])
      expect(at(address, 80)).toBeUndefined()
    expect(names.counts().asked.farEnds).toEqual({ named: 0, unresolved: 0, unknown: 6 })
  })

  it('is told without doubt again where more is over than is remembered, but not of the time that was forgotten', () => {
    const { names, at, clock } = given({ history: 2 })
    names.nodeSink.put(nodeOf('n1', '192.0.2.1'))
    for (const name of ['one', 'two', 'three', 'four']) {
      clock.ms += MINUTE
      names.endpointSliceSink.put(sliceOf('web', [backend(name, '10.0.0.7')]))
    }
    expect(names.counts().endpointSlices).toMatchObject({ known: 1, past: 2, evicted: 1 })
    expect(at('10.0.0.7', 8080)?.pod?.name).toBe('four')
    expect(at('10.0.0.7', 8080, 3 * MINUTE)).toBeUndefined()
  })
})
