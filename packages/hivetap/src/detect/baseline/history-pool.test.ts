import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DetectStateError } from '../state/state-error.js'
import { HistoryPool } from './history-pool.js'

const MINUTE = 60_000_000
const HOUR = 60 * MINUTE
const WEEK = 168 * HOUR
const START = 1_764_288_000_000_000

describe('a history', () => {
  it('says what is usual once enough windows are learnt', () => {
    const pool = new HistoryPool()
    const history = pool.create()
    expect(pool.usual(history, START, 1)).toBeUndefined()
    for (const [index, value] of [900, 1000, 1100].entries())
      pool.push(history, START + index * MINUTE, value)
    expect(pool.usual(history, START, 4)).toBeUndefined()
    const usual = pool.usual(history, START, 3)
    expect(usual).toMatchObject({ windows: 3, seasonal: false })
    expect(Math.abs((usual?.medianUs ?? 0) - 1000)).toBeLessThan(10)
    expect(Math.abs((usual?.madUs ?? 0) / 1.4826 - 100)).toBeLessThan(22)
  })

  it('keeps the newest windows', () => {
    const pool = new HistoryPool({ windows: 10 })
    const history = pool.create()
    for (let window = 0; window < 10; window++) pool.push(history, START + window * MINUTE, 1000)
    for (let window = 10; window < 20; window++) pool.push(history, START + window * MINUTE, 9000)
    const usual = pool.usual(history, START, 100)
    expect(usual).toMatchObject({ windows: 10, madUs: 0 })
    expect(Math.abs((usual?.medianUs ?? 0) - 9000)).toBeLessThan(90)
  })

  it('is not changed by what was held, however long, once a window is learnt', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.boolean(), (held, full) => {
        const pool = new HistoryPool({ windows: 20 })
        const history = pool.create()
        for (let window = 0; window < (full ? 50 : 12); window++) pool.push(history, START, 1000)
        for (let window = 0; window < held; window++) {
          pool.push(history, START, 9000, 'hold')
          expect(pool.usual(history, START, 10)).toMatchObject({ madUs: 0 })
          expect(pool.usual(history, START, 10)?.medianUs).toBeLessThan(1010)
        }
        pool.push(history, START, 1000)
        expect(pool.usual(history, START, 10)?.madUs).toBe(0)
        pool.push(history, START, 5000, 'adopt')
        expect(pool.usual(history, START, 1)).toMatchObject({ windows: 1 })
      }),
    )
  })

  it('begins anew with what was held, when that is adopted', () => {
    const pool = new HistoryPool({ windows: 20, seasonal: true })
    const history = pool.create()
    for (let week = 0; week < 3; week++)
      for (let window = 0; window < 61; window++)
        pool.push(history, START + week * WEEK + window * MINUTE, 1000)
    const at = START + 3 * WEEK
    expect(pool.usual(history, at, 5)).toMatchObject({ windows: 9, seasonal: true })
    for (let window = 0; window < 4; window++) pool.push(history, at + window * MINUTE, 9000, 'hold')
    pool.push(history, at + 4 * MINUTE, 9000, 'adopt')
    const usual = pool.usual(history, at, 5)
    expect(usual).toMatchObject({ windows: 5, seasonal: false, madUs: 0 })
    expect(usual?.medianUs).toBeGreaterThan(8900)
  })

  it('knows the hour of the week', () => {
    const pool = new HistoryPool({ seasonal: true })
    const history = pool.create()
    const plain = new HistoryPool()
    const other = plain.create()
    // Four weeks: the hour from START on is slow, by turns a little more and less.
    for (let hour = 0; hour < 4 * 168; hour++)
      for (let window = 0; window < 6; window++) {
        const value = (hour % 168 === 0 ? 50_000 : 1000) * (1 + (window % 3) / 10)
        pool.push(history, START + hour * HOUR + window * 10 * MINUTE, value)
        plain.push(other, START + hour * HOUR + window * 10 * MINUTE, value)
      }
    const at = START + 4 * WEEK
    const slow = pool.usual(history, at + 30 * MINUTE, 10)
    expect(slow).toMatchObject({ windows: 12, seasonal: true })
    expect(slow?.medianUs).toBeGreaterThan(49_000)
    expect(slow?.madUs).toBeGreaterThan(1000)
    expect(pool.usual(history, at + 5 * HOUR, 10)).toMatchObject({ windows: 12, seasonal: true })
    expect(pool.usual(history, at + 5 * HOUR, 10)?.medianUs).toBeLessThan(1200)
    expect(plain.usual(other, at, 10)).toMatchObject({ windows: 60, seasonal: false })
  })

  it('takes an hour with few windows as it was, and none of its own hour', () => {
    const pool = new HistoryPool({ seasonal: true })
    const history = pool.create()
    for (let week = 0; week < 3; week++) {
      expect(pool.usual(history, START + week * WEEK, 1)?.seasonal ?? false).toBe(false)
      pool.push(history, START + week * WEEK, 1000 * (week + 1))
      pool.push(history, START + week * WEEK + 2 * HOUR, 7)
    }
    const usual = pool.usual(history, START + 3 * WEEK, 1)
    expect(usual).toMatchObject({ windows: 3, seasonal: true })
    expect(Math.abs((usual?.medianUs ?? 0) - 2000)).toBeLessThan(20)
  })

  it('survives as bytes', () => {
    const step = fc.tuple(fc.nat(10_000_000), fc.nat(2 * 168 * 6), fc.constantFrom('learn', 'hold', 'adopt'))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), (steps, seasonal) => {
        const [pool, again] = [new HistoryPool({ seasonal }), new HistoryPool({ seasonal })]
        const history = pool.create()
        let time = START
        for (const [value, minutes, learn] of steps) {
          time += minutes * 10 * MINUTE
          pool.push(history, time, value, learn as 'learn')
        }
        const taken = again.decode(pool.encode(history))
        for (let hour = 0; hour < 168; hour += 7)
          expect(again.usual(taken, time + hour * HOUR, 1)).toEqual(
            pool.usual(history, time + hour * HOUR, 1),
          )
        expect(again.encode(taken)).toEqual(pool.encode(history))
        const small = new HistoryPool({ windows: 4 })
        small.push(small.decode(pool.encode(history)), time, 5, 'hold')
        expect(small.bytes).toBeGreaterThan(0)
      }),
      { numRuns: 100 },
    )
  })

  it('is refused if its bytes are damaged', () => {
    const pool = new HistoryPool({ seasonal: true })
    const history = pool.create()
    for (let window = 0; window < 100; window++)
      pool.push(history, START + window * 10 * MINUTE, window * 100)
    pool.push(history, START + WEEK, 7, 'hold')
    const good = pool.encode(history)
    const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => good.with(at, byte))
    const cut = fc.nat(good.length - 1).map((length) => good.subarray(0, length))
    fc.assert(
      fc.property(fc.oneof(damaged, cut, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        try {
          const taken = pool.decode(bytes)
          pool.usual(taken, START, 1)
          pool.push(taken, START + WEEK, 100)
          pool.free(taken)
        } catch (error) {
          expect(error).toBeInstanceOf(DetectStateError)
        }
        expect(pool.size).toBe(1)
      }),
      { numRuns: 2000 },
    )
  })

  it('that is none is refused', () => {
    const pool = new HistoryPool({ seasonal: true })
    const history = pool.create()
    pool.free(history)
    for (const none of [history, -1, 0.5, 9]) {
      expect(() => pool.push(none, START, 1)).toThrow(RangeError)
      expect(() => pool.usual(none, START, 1)).toThrow(RangeError)
      expect(() => pool.free(none)).toThrow(RangeError)
    }
    expect(() => new HistoryPool({ windows: 1 })).toThrow(RangeError)
  })

  it('of two windows takes up to 24 bytes', () => {
    const pool = new HistoryPool()
    for (let made = 0; made < 2 ** 17; made++) {
      const history = pool.create()
      pool.push(history, START, 1000)
      pool.push(history, START + MINUTE, 1000)
    }
    expect(pool.bytes / 2 ** 17).toBeLessThanOrEqual(24)
  })
})
