import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Clocks, WallClock } from './wall-clock.js'

const SECOND_NS = 1_000_000_000n

/** Clocks that stand still until they are set. */
class Standing implements Clocks {
  monotonic = 0n
  realtime = 0n

  monotonicNs(): bigint {
    return this.monotonic
  }

  realtimeNs(): bigint {
    return this.realtime
  }
}

/** A clock whose CLOCK_MONOTONIC began at an instant, nanoseconds since 1970. */
function clockFrom(instant: bigint): WallClock {
  const clocks = new Standing()
  clocks.realtime = instant
  return new WallClock(clocks)
}

/** What date(1) of coreutils makes of instants: the independent source. It takes as many as there are, a line each. */
function date(instants: readonly bigint[]): string[] {
  const lines = instants.map((instant) => {
    const sign = instant < 0n ? '-' : ''
    const ns = instant < 0n ? -instant : instant
    return `@${sign}${ns / SECOND_NS}.${String(ns % SECOND_NS).padStart(9, '0')}`
  })
  const format = '+%FT%T.%NZ'
  return execFileSync('date', ['-u', '-f', '-', format], { input: `${lines.join('\n')}\n`, encoding: 'utf8' })
    .split('\n')
    .slice(0, -1)
}

const hasDate = process.platform === 'linux'
/** From 1900 to 2262, where the kernel's own clock ends (2^63 ns). */
const instant = fc.bigInt({ min: -2_208_988_800n * SECOND_NS, max: 2n ** 63n - 1n })

describe('WallClock.format', () => {
  it.skipIf(!hasDate)('writes any instant as date(1) does, also before 1970', () => {
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1, maxLength: 500 }), (instants) => {
        expect(instants.map((at) => clockFrom(at).format(0))).toEqual(date(instants))
      }),
      { numRuns: 20 },
    )
  })

  it.skipIf(!hasDate)('goes on by nanoseconds over the ends of seconds and years', () => {
    // 1999-12-31T23:59:59Z, 2016-12-31T23:59:59Z (a leap second followed), 1969-12-31T23:59:59Z
    for (const second of [946_684_799n, 1_483_228_799n, -1n]) {
      const begin = second * SECOND_NS + 999_999_990n
      const clock = clockFrom(begin)
      const steps = Array.from({ length: 20 }, (_, index) => index)
      expect(steps.map((ns) => clock.format(ns))).toEqual(date(steps.map((ns) => begin + BigInt(ns))))
    }
  })

  it('writes an event of before the clocks were compared, too', () => {
    const clocks = new Standing()
    clocks.monotonic = 5n * SECOND_NS
    clocks.realtime = 1_000_000_000n * SECOND_NS
    const clock = new WallClock(clocks)
    // 10^9 s since 1970 is 2001-09-09T01:46:40Z.
    expect(clock.format(5e9)).toBe('2001-09-09T01:46:40.000000000Z')
    expect(clock.format(5e9 - 1)).toBe('2001-09-09T01:46:39.999999999Z')
    expect(clock.format(5e9 + 1)).toBe('2001-09-09T01:46:40.000000001Z')
  })

  it('keeps the order of events that are told in another order', () => {
    const clock = clockFrom(1_700_000_000n * SECOND_NS)
    const times = fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), { minLength: 2 })
    fc.assert(
      fc.property(times, (order) => {
        const written = order.map((at) => clock.format(at))
        const byTime = (one: number, other: number) => one - other
        const sorted = [...order].sort(byTime).map((at) => clock.format(at))
        expect([...written].sort()).toEqual(sorted)
      }),
    )
  })
})

describe('the time on a host that has been up for long', () => {
  it.each([
    // A double has 53 bits: it holds 2^53 ns (104 days) exactly, from there 2 ns apart, and so on.
    { up: 'just 2^53 ns', monotonic: 2n ** 53n, off: 0n },
    { up: '104 days', monotonic: 2n ** 53n + 1n, off: 1n },
    { up: 'a year', monotonic: 365n * 86_400n * SECOND_NS + 123_456_789n, off: 2n },
    { up: 'ten years', monotonic: 3650n * 86_400n * SECOND_NS + 123_456_789n, off: 32n },
    { up: 'as long as the kernel can count', monotonic: 2n ** 64n - 1n, off: 2048n },
  ])('is off by at most $off ns: $up', ({ monotonic, off }) => {
    // The clock's distance is a bigint: only the number itself is rounded. Realtime begins at 1970.
    const text = clockFrom(0n).format(Number(monotonic))
    const [, seconds = '', fraction = ''] = /^(.*)\.(\d{9})Z$/.exec(text) ?? []
    const written = BigInt(Date.parse(`${seconds}Z`) / 1000) * SECOND_NS + BigInt(fraction)
    const difference = written - monotonic
    expect(difference < 0n ? -difference : difference).toBeLessThanOrEqual(off)
  })
})

describe('a wall clock that is set', () => {
  it('tells the times of a batch by the clock as it was at its beginning, and the next by the new one', () => {
    const clocks = new Standing()
    clocks.realtime = 1_000_000_000n * SECOND_NS
    const clock = new WallClock(clocks)
    clocks.realtime += 3600n * SECOND_NS
    expect(clock.format(0)).toBe('2001-09-09T01:46:40.000000000Z')
    clock.measure()
    expect(clock.format(0)).toBe('2001-09-09T02:46:40.000000000Z')
    // Back again, to a second that was written before.
    clocks.realtime -= 3600n * SECOND_NS
    clock.measure()
    expect(clock.format(0)).toBe('2001-09-09T01:46:40.000000000Z')
  })
})

describe('the distance between the clocks', () => {
  /** When CLOCK_MONOTONIC is 0 in these tests: 2001-09-09T01:46:40Z. */
  const BEGIN = 1_000_000_000n * SECOND_NS

  /** A clock that reads, each time that it looks: CLOCK_MONOTONIC, nanoseconds since BEGIN, CLOCK_MONOTONIC again. */
  function clockReading(
    ...looks: readonly (readonly [before: bigint, real: bigint, after: bigint])[]
  ): WallClock {
    const monotonic = looks.flatMap(([before, , after]) => [before, after])
    const real = looks.map(([, since]) => BEGIN + since)
    return new WallClock({
      monotonicNs: () => monotonic.shift() ?? 0n,
      realtimeNs: () => real.shift() ?? 0n,
    })
  }

  it('is taken at the middle of two readings of CLOCK_MONOTONIC', () => {
    const clock = clockReading([0n, 150n, 300n], [300n, 450n, 600n], [600n, 750n, 900n])
    expect(clock.format(0)).toBe('2001-09-09T01:46:40.000000000Z')
  })

  it('is that of the quickest look: during the others something else had the CPU', () => {
    // Ten milliseconds after the first reading, five before the last: they would be taken to be in the middle.
    const clock = clockReading(
      [0n, 100n, 10_000_000n],
      [10_000_000n, 10_000_050n, 10_000_100n],
      [10_000_100n, 15_000_000n, 15_000_100n],
    )
    expect(clock.format(0)).toBe('2001-09-09T01:46:40.000000000Z')
  })
})
