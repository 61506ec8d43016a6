import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DetectStateError } from '../state/state-error.js'
import { Watermark } from './watermark.js'

const LATENESS = 1000

/** Times of a stream: in order, but for shuffles within the lateness. */
const stream = fc.array(fc.tuple(fc.nat(3000), fc.nat(LATENESS)), { maxLength: 60 }).map((steps) => {
  let clock = 1_700_000_000_000_000
  const sent = steps.map(([step, delay]) => {
    clock += step
    return { timeUs: clock, arrivesUs: clock + delay }
  })
  return sent.sort((one, other) => one.arrivesUs - other.arrivesUs).map(({ timeUs }) => timeUs)
})

describe('a watermark', () => {
  it('is never ahead of an event that comes, however streams are interleaved', () => {
    fc.assert(
      fc.property(
        fc.array(stream, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat(99)),
        fc.integer({ min: 0, max: 300 }),
        (streams, choices, savedAt) => {
          let watermark = new Watermark({ latenessUs: LATENESS })
          for (const name of streams.keys()) watermark.expect(name)
          const left = streams.map((times, name) => ({ name, times: [...times], greatest: -Infinity }))
          let before = Number.NEGATIVE_INFINITY
          for (let events = 0; ; events++) {
            const open = left.filter(({ times }) => times.length > 0)
            if (open.length === 0) break
            const one = open[(choices.next().value as number) % open.length]
            const timeUs = one?.times.shift()
            if (one === undefined || timeUs === undefined) break
            expect(timeUs).toBeGreaterThanOrEqual(watermark.nowUs)
            watermark.see(one.name, timeUs)
            one.greatest = Math.max(one.greatest, timeUs)
            if (one.times.length === 0) watermark.idle(one.name)
            if (events === savedAt)
              watermark = Watermark.restore(JSON.parse(JSON.stringify(watermark.state())))
            expect(watermark.nowUs).toBeGreaterThanOrEqual(before)
            before = watermark.nowUs
            const active = left.filter(({ times }) => times.length > 0).map(({ greatest }) => greatest)
            if (active.length > 0 && active.length === left.length)
              expect(watermark.nowUs).toBe(Math.min(...active) - LATENESS)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('waits for the slowest stream, until that is idle', () => {
    const watermark = new Watermark({ latenessUs: 10 })
    expect(watermark.nowUs).toBe(-Infinity)
    watermark.expect(1)
    watermark.see(0, 1000)
    expect(watermark.nowUs).toBe(-Infinity)
    watermark.see(1, 500)
    expect(watermark.nowUs).toBe(490)
    watermark.see(0, 2000)
    expect(watermark.nowUs).toBe(490)
    watermark.idle(1)
    expect(watermark.nowUs).toBe(1990)
    watermark.see(1, 600)
    expect(watermark.nowUs).toBe(1990)
    watermark.see(0, 3000)
    expect(watermark.nowUs).toBe(1990)
    watermark.leave(1)
    expect(watermark.nowUs).toBe(2990)
    watermark.idle(0)
    expect(watermark.nowUs).toBe(2990)
  })

  it('follows a clock too', () => {
    const watermark = new Watermark({ latenessUs: 10 })
    watermark.advanceTo(700)
    watermark.advanceTo(100)
    watermark.advanceTo(Number.NaN)
    expect(watermark.nowUs).toBe(700)
    watermark.see(0, 500)
    watermark.see(0, Number.NaN)
    watermark.see(0, Number.POSITIVE_INFINITY)
    expect(watermark.nowUs).toBe(700)
    watermark.see(0, 800)
    expect(watermark.nowUs).toBe(790)
  })

  it('refuses a state that is none', () => {
    const good = new Watermark({ latenessUs: 1 }).state()
    expect(Watermark.restore(good).state()).toEqual(good)
    const none = [
      undefined,
      null,
      7,
      {},
      { ...good, lateness_us: -1 },
      { ...good, now_us: 'x' },
      { ...good, streams: [{ stream: 0 }] },
      { ...good, streams: [null] },
    ]
    for (const state of none) expect(() => Watermark.restore(state)).toThrow(DetectStateError)
    fc.assert(
      fc.property(fc.jsonValue(), (state) => {
        expect(() => Watermark.restore(state)).toThrow(DetectStateError)
      }),
    )
    expect(() => new Watermark({ latenessUs: Number.NaN })).toThrow(RangeError)
  })

  it('waits for one that is idle only up to where it is said to be', () => {
    const watermark = new Watermark({ latenessUs: 10 })
    watermark.expect(0)
    watermark.expect(1)
    watermark.see(0, 1000)
    watermark.idle(1, 500)
    expect(watermark.nowUs).toBe(490)
    watermark.see(0, 2000)
    watermark.idle(1, 1000)
    expect(watermark.nowUs).toBe(990)
    watermark.idle(1)
    expect(watermark.nowUs).toBe(1990)
    // It has something after all, and is heard of again.
    watermark.see(1, 1500)
    watermark.see(0, 3000)
    expect(watermark.nowUs).toBe(1990)
    watermark.see(1, 2500)
    expect(watermark.nowUs).toBe(2490)
  })

  it('tells how far a stream is ahead of what holds time up', () => {
    const watermark = new Watermark({ latenessUs: 10 })
    watermark.expect(0)
    watermark.expect(1)
    expect([watermark.greatestUs(0), watermark.aheadUs(0), watermark.aheadUs(7)]).toEqual([-Infinity, 0, 0])
    watermark.see(0, 1000)
    // Nothing is known of the other: it may have anything.
    expect(watermark.aheadUs(0)).toBe(Infinity)
    watermark.see(1, 400)
    expect([watermark.greatestUs(0), watermark.aheadUs(0), watermark.aheadUs(1)]).toEqual([1000, 600, 0])
    watermark.idle(1)
    expect(watermark.aheadUs(0)).toBe(0)
  })
})
