import { describe, expect, it } from 'vitest'
import { GroupPlace } from './group-place.js'

/** Others answer. */
const ALWAYS = Number.NEGATIVE_INFINITY

describe('a partition that has nothing more', () => {
  it('holds nobody up, up to what others had a second before it was asked', () => {
    const place = new GroupPlace(0, 10)
    const askedMs = performance.now() - 8000
    expect(place.answered(12, askedMs)).toBe(false)
    expect(place.restsSinceMs(performance.now(), ALWAYS)).toBe(Number.NEGATIVE_INFINITY)
    place.take(12)
    // Its broker is slow: of the last eight seconds nothing is known.
    expect(place.restsSinceMs(performance.now(), ALWAYS)).toBe(askedMs - 1000)
    expect(place.staleMs(askedMs + 8000)).toBe(8000)
    expect(place.answered(12, askedMs + 5000)).toBe(false)
    expect(place.restsSinceMs(performance.now(), ALWAYS)).toBe(askedMs + 4000)
    // Who writes may have kept something while brokers were away.
    const nowMs = performance.now()
    expect(place.restsSinceMs(nowMs, ALWAYS, true)).toBe(nowMs - 30_000)
    expect(place.answered(13, askedMs + 6000)).toBe(true)
    expect(place.restsSinceMs(performance.now(), ALWAYS)).toBe(Number.NEGATIVE_INFINITY)
  })

  it('or does not answer is waited for two minutes, if others do', () => {
    const place = new GroupPlace(0, 10)
    const nowMs = place.answeredMs + 130_000
    expect(place.restsSinceMs(nowMs - 11_000, ALWAYS)).toBe(Number.NEGATIVE_INFINITY)
    expect(place.restsSinceMs(nowMs, nowMs - 20_000)).toBe(Number.NEGATIVE_INFINITY)
    expect(place.restsSinceMs(nowMs, ALWAYS)).toBe(nowMs - 120_000)
  })

  it('gives up what is no batch only when it came so again and again', () => {
    const place = new GroupPlace(0, 10)
    expect([place.doubts(), place.doubts(), place.doubts(), place.doubts()]).toEqual([
      false,
      false,
      true,
      true,
    ])
    place.trusts()
    expect(place.doubts()).toBe(false)
  })
})
