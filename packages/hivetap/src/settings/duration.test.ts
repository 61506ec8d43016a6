import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from './duration.js'
import { durationSetting } from './duration-setting.js'

describe('a time as people write it', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['1.5h', 5_400_000],
    ['5m', 300_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['', '10', '-1s', '1e3s', '10 s', '10S', 'x', '1h30m', '9'.repeat(400).concat('d'), '１s'])(
    '%s is none',
    (text) => {
      expect(() => parseDuration(text)).toThrow('is a time such as')
    },
  )

  it('is read as it was told', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e12 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds)
      }),
    )
  })

  it('is told in the largest unit', () => {
    expect([0, 1, 1000, 90_000, 3_600_000, 604_800_000].map(formatDuration)).toEqual([
      '0s',
      '1ms',
      '1s',
      '90s',
      '1h',
      '7d',
    ])
  })

  it('has bounds as a setting', () => {
    const setting = durationSetting('1s', '1m')
    expect(setting.parse('60s')).toBe(60_000)
    expect(setting.safeParse('61s').error?.issues[0]?.message).toBe('is a time from 1s to 1m, not 61s')
    expect(setting.safeParse(5).error?.issues[0]?.message).toContain('is a time such as 250ms')
  })
})
