import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alertOf, anyAlert } from '../../../../test/support/alerts.js'
import { name, percent, timeOfSeconds, timeOfUs, whose } from './alert-words.js'

describe('the one line of an alert', () => {
  it('says what, whose, how bad against what', () => {
    expect(alertOf().summary).toBe(
      'Slow connects to db:5432 from web: 340 ms against 100 ms, 12 of 340 connects in 1 min',
    )
    expect(alertOf({ state: 'update', kind: 'baseline', usual: 80_000, observed: 1_230_000 }).summary).toBe(
      'Worse: unusually slow connects to db:5432 from web: 1.23 s against 100 ms (usually 80 ms), 12 of 340 connects in 1 min',
    )
    expect(
      alertOf({ kind: 'failures', unit: 'ratio', observed: 0.12, threshold: 0.05, key: {}, window_s: 30 })
        .summary,
    ).toBe('Failing connects everywhere: 12 % against 5 %, 12 of 340 connects in 30 s')
    expect(alertOf({ state: 'resolved', kind: 'stuck', time: '2026-11-28T05:14:00.000000Z' }).summary).toBe(
      'Over: connects that hang to db:5432 from web, after 2 h 2 min',
    )
  })

  it('is one printable line of a bounded length, whatever hosts wrote', () => {
    fc.assert(
      fc.property(anyAlert, ({ summary }) => {
        expect(summary).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect([...summary].length).toBeLessThan(800)
      }),
    )
  })
})

describe('words for people', () => {
  it.each([
    [0, '0 µs'],
    [850, '850 µs'],
    [999.4, '999 µs'],
    [1000, '1 ms'],
    [1234, '1.23 ms'],
    [12_340, '12.3 ms'],
    [340_000, '340 ms'],
    [999_600, '1 s'],
    [3_051_200, '3.05 s'],
    [59_960_000, '1 min'],
    [125_000_000, '2 min 5 s'],
    [Number.NaN, 'unknown'],
  ])('%d µs is %s', (us, text) => expect(timeOfUs(us)).toBe(text))

  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3600, '1 h'],
    [3661, '1 h 1 min'],
    [187_200, '2 d 4 h'],
  ])('%d s are %s', (seconds, text) => expect(timeOfSeconds(seconds)).toBe(text))

  it.each([
    [0, '0 %'],
    [0.0049, '0.5 %'],
    [0.035, '3.5 %'],
    [0.12, '12 %'],
    [1, '100 %'],
  ])('%d of 1 is %s', (share, text) => expect(percent(share)).toBe(text))

  it('names are cut between characters, and the empty one is told', () => {
    expect(name('\u{1f600}'.repeat(200))).toBe(`${'\u{1f600}'.repeat(119)}…`)
    expect(whose({ comm: '' })).toBe('of program (none)')
  })
})
