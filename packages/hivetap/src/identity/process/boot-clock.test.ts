import { describe, expect, it } from 'vitest'
import { BootClock } from './boot-clock.js'

const SECOND = 1_000_000_000n
/** Clocks of a host that is suspended at will, which no test can do to the real one. */
function host() {
  let monotonic = 1000n * SECOND
  let slept = 0n
  return {
    monotonicNs: () => monotonic,
    boottimeNs: () => monotonic + slept,
    realtimeNs: () => 1_700_000_000n * SECOND + monotonic + slept,
    run: (seconds: number) => {
      monotonic += BigInt(Math.round(seconds * 1000)) * 1_000_000n
    },
    sleep: (seconds: number) => {
      slept += BigInt(seconds) * SECOND
    },
  }
}

describe('BootClock', () => {
  it('tells what began before an event from what began after it', () => {
    const clock = new BootClock(host(), 100)
    expect(clock.hadBegun(100_000, 1000e9)).toBe(true)
    // In the same hundredth of a second: /proc tells no more.
    expect(clock.hadBegun(100_000, 1000.009e9)).toBe(true)
    expect(clock.hadBegun(100_001, 1000.009e9)).toBe(false)
    expect(clock.hadBegun(100_001, 1000.01e9)).toBe(true)
  })

  it('takes what the host slept into account', () => {
    const clocks = host()
    clocks.sleep(3600)
    const clock = new BootClock(clocks, 100)
    // It began at 1000 s of running, after an hour of sleep.
    expect(clock.hadBegun(460_000, 1000e9)).toBe(true)
    expect(clock.hadBegun(460_001, 1000e9)).toBe(false)
  })

  it('does not take a process that began after a sleep for one that was there before', () => {
    const clocks = host()
    const clock = new BootClock(clocks, 100)
    clocks.run(10)
    clock.measure()
    clocks.sleep(3600)
    clocks.run(1)
    clock.measure()
    // Event at 1010 s, before the sleep; the process began at 1010.5 s of running, behind it.
    expect(clock.hadBegun(461_050, 1010e9)).toBe(false)
    expect(clock.hadBegun(101_000, 1010e9)).toBe(true)
    expect(clock.hadBegun(461_050, 1011e9)).toBe(true)
  })

  it('is not sure of what was before it first looked', () => {
    const clocks = host()
    clocks.sleep(3600)
    const clock = new BootClock(clocks, 100)
    // Whether the sleep was before 999 s or after cannot be told.
    expect(clock.hadBegun(459_000, 999e9)).toBe(false)
    expect(clock.hadBegun(90_000, 999e9)).toBe(true)
  })

  it('remembers the last sleeps, and not more', () => {
    const clocks = host()
    const clock = new BootClock(clocks, 100)
    for (let night = 0; night < 1000; night++) {
      clocks.run(1)
      clocks.sleep(1)
      clock.measure()
    }
    expect(clock.hadBegun(300_000, 2000e9)).toBe(true)
    expect(clock.hadBegun(300_001, 2000e9)).toBe(false)
    // So long ago that the sleeps until then are forgotten.
    expect(clock.hadBegun(100_200, 1001e9)).toBe(false)
  })

  it('tells the wall clock’s time, and the same until that is set', () => {
    const clocks = host()
    clocks.sleep(3600)
    let setBy = 0n
    const realtimeNs = () => clocks.realtimeNs() + setBy
    const clock = new BootClock({ ...clocks, realtimeNs }, 100)
    const time = 123_456_789_000
    const told = clock.wallTime(time)
    expect(told).toBeCloseTo(1_700_000_000_000 + 123_456.789, 2)
    clocks.run(100)
    clocks.sleep(100)
    // As little as lies between two readings.
    setBy = 2_000_000n
    expect(clock.wallTime(time)).toBe(told)
    setBy = 3n * SECOND
    expect(clock.wallTime(time)).toBeCloseTo(told + 3000, 2)
  })

  it('turns times into ticks as the kernel does, and back', () => {
    const clock = new BootClock(host(), 100)
    expect(clock.ticksOf(123_459_999_999)).toBe(12_345)
    expect(clock.ticksOf(123_460_000_000)).toBe(12_346)
    for (const ticks of [0, 1, 7, 12_345, 987_654_321]) expect(clock.ticksOf(clock.timeOf(ticks))).toBe(ticks)
  })
})
