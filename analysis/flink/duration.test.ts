import { describe, expect, it } from 'vitest'
import { intervalOf, secondsOf } from './duration.mjs'

describe('secondsOf', () => {
  it.each([
    ['1 h', 3600],
    ['10min', 600],
    ['90 s', 90],
    ['2 days', 172_800],
    ['1500 ms', 2],
    ['1 ns', 1],
  ])('reads %s', (duration, seconds) => {
    expect(secondsOf(duration)).toBe(seconds)
  })

  it.each(['1 fortnight', 'h', '', '1.5 h'])('refuses "%s"', (duration) => {
    expect(() => secondsOf(duration)).toThrow('is no time as Flink writes it')
  })
})

describe('intervalOf', () => {
  it.each([
    [1, '0 00:00:01'],
    [3600, '0 01:00:00'],
    [90_061, '1 01:01:01'],
    [8_639_999, '99 23:59:59'],
  ])('writes %d seconds', (seconds, interval) => {
    expect(intervalOf(seconds)).toBe(interval)
  })

  it('refuses what SQL has no digits for', () => {
    expect(() => intervalOf(8_640_000)).toThrow('less than 100 days')
  })
})
