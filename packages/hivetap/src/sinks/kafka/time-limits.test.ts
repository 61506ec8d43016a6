import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeLimits } from './time-limits.js'

const HOUR = 3_600_000
const FOREVER = 2n ** 63n - 1n

test('a time is told as it is; one that is ahead, or is none, is now', () => {
  const limits = new TimeLimits()
  expect(limits.clamp(5000, 9000)).toBe(5000)
  // Times of events have nanoseconds.
  expect(limits.clamp(5000.75, 9000)).toBe(5000)
  expect(limits.clamp(9001, 9000)).toBe(9000)
  expect(limits.clamp(Number.NaN, 9000)).toBe(9000)
  expect(limits.clamp(-1, 9000)).toBe(9000)
  expect(limits.moved).toBe(0)
})

test('what a broker says it takes is kept to, by its clock', () => {
  const limits = new TimeLimits()
  const now = 1_700_000_000_000
  const broker = now - 2 * HOUR
  const range = `[${BigInt(broker) - FOREVER}, ${broker + HOUR}]`
  expect(
    limits.learn(
      `Timestamp ${now} of message with offset 0 is out of range. It should be within ${range}`,
      now,
    ),
  ).toBe(true)
  expect(limits.clockAheadMs).toBe(2 * HOUR)
  expect(limits.clamp(now, now)).toBe(broker)
  expect(limits.clamp(now + 60_000, now + 60_000)).toBe(broker + 60_000)
  expect(limits.clamp(broker - 5, now)).toBe(broker - 5)
  expect(limits.moved).toBe(2)
})

test('limits are forgotten after a while, and when the clock is set back', () => {
  const limits = new TimeLimits()
  limits.learn('within [1000, 2000]', 10_000)
  expect(limits.clamp(10_000, 10_000)).toBe(2000)
  expect(limits.clamp(500, 10_000)).toBe(1000)
  expect(limits.clamp(9000, 9000)).toBe(9000)
  limits.learn('within [1000, 2000]', 10_000)
  expect(limits.clamp(10_000 + HOUR, 10_000 + HOUR)).toBe(10_000 + HOUR)
})

test('whatever a broker says, a time stays one that a record can have', () => {
  fc.assert(
    fc.property(fc.string(), fc.bigInt(), fc.bigInt(), fc.double(), (text, low, high, time) => {
      const limits = new TimeLimits()
      limits.learn(`${text} [${low}, ${high}]`, 1_700_000_000_000)
      expect(() => BigInt(limits.clamp(time, 1_700_000_000_000))).not.toThrow()
    }),
  )
})
