import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECT } from '../../../../../test/support/examples.js'
import { execsnoop } from '../execsnoop/execsnoop.js'
import { type TcpconnectOptions, tcpconnect } from '../tcpconnect/tcpconnect.js'
import { type TcpconnlatOptions, tcpconnlat } from '../tcpconnlat/tcpconnlat.js'
import type { ConnectEvent } from './connect-event.js'
import { countedOnce } from './counted-once.js'

type Asked = Omit<TcpconnlatOptions & TcpconnectOptions, 'wide'>

/** By which tool an event of each counts. */
function countedBy(latency: Asked, connect: Asked, event: Partial<ConnectEvent> = {}) {
  const [ofLatency, ofConnect] = countedOnce([
    { tool: tcpconnlat, options: latency },
    { tool: tcpconnect, options: connect },
  ])
  const made = { ...CONNECT, ...event }
  return { tcpconnlat: ofLatency?.(made), tcpconnect: ofConnect?.(made) }
}

describe('a connect that two tools tell', () => {
  it.each([
    ['tcpconnlat has all', {}, {}, {}, [undefined, 'tcpconnlat']],
    ['a failed one that it leaves out', {}, {}, { outcome: 'refused' }, [undefined, undefined]],
    ['a failed one', { failed: true }, {}, { outcome: 'refused' }, [undefined, 'tcpconnlat']],
    ['it has those that took long', { minLatencyUs: 1000 }, {}, {}, ['tcpconnect', undefined]],
    ['one that hangs', { failed: true, minLatencyUs: 1 }, {}, { outcome: 'stuck' }, [undefined, undefined]],
    ['it has a process alone', { pid: 7 }, {}, {}, [undefined, undefined]],
    ['and this is of it', { pid: 100 }, {}, {}, [undefined, 'tcpconnlat']],
    ['it has other ports', { port: [80] }, {}, {}, [undefined, undefined]],
    ['it has this port too', { port: [80, 443] }, {}, {}, [undefined, 'tcpconnlat']],
    ['it has IPv6 alone', { ipv6: true }, {}, {}, [undefined, undefined]],
    ['of another user', {}, { uid: 0 }, {}, [undefined, 'tcpconnlat']],
    ['it has a sample', { sample: 10 }, {}, {}, ['tcpconnect', undefined]],
    ['both have one', { sample: 10 }, { sample: 10 }, {}, [undefined, 'tcpconnlat']],
    ['it has a cgroup', { cgroup: '/a' }, {}, {}, ['tcpconnect', undefined]],
    ['with the other one’s below it', { cgroup: '/a' }, { cgroup: '/a/b' }, {}, [undefined, 'tcpconnlat']],
    ['with another beside it', { cgroup: '/a' }, { cgroup: '/ab' }, {}, [undefined, undefined]],
  ] as const)('counts by one: %s', (_, latency, connect, event, [ofLatency, ofConnect]) => {
    expect(countedBy(latency, connect, event)).toEqual({ tcpconnlat: ofLatency, tcpconnect: ofConnect })
  })

  it('counts where only one tells of connects', () => {
    expect(countedOnce([{ tool: tcpconnect, options: {} }])).toEqual([undefined])
    const beside = countedOnce([
      { tool: tcpconnect, options: {} },
      { tool: execsnoop, options: {} },
    ])
    expect(beside).toEqual([undefined, undefined])
  })

  it('counts once, whatever the tools were asked', () => {
    const filters = fc.record(
      {
        pid: fc.constantFrom(1, 2),
        uid: fc.constantFrom(0, 1),
        port: fc.subarray([80, 443], { minLength: 1 }),
        ip: fc.constantFrom<4 | 6>(4, 6),
      },
      { requiredKeys: [] },
    )
    const asked = ({ ip, ...rest }: Partial<{ ip: 4 | 6 } & Asked>): Asked => ({
      ...rest,
      ...(ip === 4 && { ipv4: true }),
      ...(ip === 6 && { ipv6: true }),
    })
    const connects = fc.array(
      fc.record({
        pid: fc.constantFrom(1, 2),
        uid: fc.constantFrom(0, 1),
        destinationPort: fc.constantFrom(80, 443),
        ipVersion: fc.constantFrom(4, 6),
        outcome: fc.constantFrom<ConnectEvent['outcome']>('connected', 'refused', 'timed_out'),
        latencyUs: fc.integer({ min: 990, max: 1010 }),
        // Each has clocks of its own.
        later: fc.integer({ min: -3, max: 3 }),
      }),
      { maxLength: 20 },
    )
    const latencyOptions = fc.record(
      { failed: fc.boolean(), minLatencyUs: fc.constantFrom(1, 1000) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(filters, latencyOptions, filters, connects, (of, more, other, all) => {
        const latency = { ...asked(of), ...more }
        const connect = asked(other)
        const isTold = (wanted: typeof of, one: (typeof all)[number]) =>
          (wanted.pid === undefined || wanted.pid === one.pid) &&
          (wanted.uid === undefined || wanted.uid === one.uid) &&
          (wanted.port === undefined || wanted.port.includes(one.destinationPort)) &&
          (wanted.ip === undefined || wanted.ip === one.ipVersion)
        for (const one of all) {
          const twin = { ...one, latencyUs: one.latencyUs + one.later }
          const told = [
            isTold(of, one) &&
            one.latencyUs >= (more.minLatencyUs ?? 0) &&
            (one.outcome === 'connected' || more.failed === true)
              ? [countedBy(latency, connect, one).tcpconnlat]
              : [],
            isTold(other, twin) ? [countedBy(latency, connect, twin).tcpconnect] : [],
          ].flat()
          const counts = told.filter((by) => by === undefined).length
          expect(counts).toBe(Math.min(told.length, 1))
        }
      }),
      { numRuns: 1000 },
    )
  })
})
