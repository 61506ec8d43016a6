import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Adaptation } from './adaptation.js'
import { HistoryPool } from './history-pool.js'
import { robustThreshold } from './robust-threshold.js'

const ADAPT = 12
const MINUTES = 8

/** Judges windows one after the other, as a detector does: true of each that was bad. */
function judge(values: readonly number[]): boolean[] {
  const adaptation = new Adaptation({ adaptWindows: ADAPT })
  const pool = new HistoryPool({ windows: 30 })
  const history = pool.create()
  let state = 0
  return values.map((valueUs, window) => {
    const atUs = window * 60_000_000
    const usual = pool.usual(history, atUs, MINUTES)
    const bad = usual !== undefined && valueUs > robustThreshold(usual)
    const next = adaptation.next(state, bad)
    state = next.state
    pool.push(history, atUs, valueUs, next.learn)
    return bad
  })
}

const calm = (length: number) =>
  fc.array(fc.integer({ min: 10_000, max: 12_000 }), { minLength: length, maxLength: length })
const slow = (length: number) =>
  fc.array(fc.integer({ min: 80_000, max: 90_000 }), { minLength: length, maxLength: length })

describe('adaptation', () => {
  it('takes a change that lasts for usual after so many windows, and not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: MINUTES, max: 60 }).chain(calm), slow(40), (before, after) => {
        const bad = judge([...before, ...after])
        expect(bad.slice(0, before.length)).not.toContain(true)
        const step = bad.slice(before.length)
        expect(step.slice(0, ADAPT)).not.toContain(false)
        expect(step.slice(ADAPT)).not.toContain(true)
      }),
    )
  })

  it('never takes a shorter fault for usual, however often it comes', () => {
    const spell = fc.tuple(
      fc.integer({ min: 1, max: ADAPT - 1 }).chain(slow),
      fc.integer({ min: 1, max: 20 }).chain(calm),
    )
    fc.assert(
      fc.property(calm(30), fc.array(spell, { minLength: 1, maxLength: 20 }), (before, spells) => {
        const windows = [
          ...before.map((value) => [value, false] as const),
          ...spells.flatMap(([faulty, quiet]) => [
            ...faulty.map((value) => [value, true] as const),
            ...quiet.map((value) => [value, false] as const),
          ]),
        ]
        expect(judge(windows.map(([value]) => value))).toEqual(windows.map(([, faulty]) => faulty))
      }),
    )
  })

  it('notices that things are as before', () => {
    const values = [...Array(20).fill(80_000), ...Array(40).fill(10_000), ...Array(5).fill(80_000)]
    const bad = judge(values)
    expect(bad.slice(0, 60)).not.toContain(true)
    expect(bad.slice(60)).not.toContain(false)
  })

  it('refuses what is no number of windows', () => {
    for (const none of [0, -1, 1.5, Number.NaN, 70_000])
      expect(() => new Adaptation({ adaptWindows: none })).toThrow(RangeError)
  })
})
