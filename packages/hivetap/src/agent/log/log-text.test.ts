import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorText } from './error-text.js'
import { logText } from './log-text.js'

const record = (more: object) =>
  JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.678Z', message: 'it is down', ...more })

describe('a line of the log for people', () => {
  it('has the time, the level, what is said, and the details', () => {
    expect(logText(record({}))).toBe('03:04:05 WARN  it is down\n')
    expect(logText(record({ sink: 'kafka', error: 'no "room"', lost: { spool_full: 3 }, n: 1 }))).toBe(
      '03:04:05 WARN  it is down  sink=kafka error="no \\"room\\"" lost={"spool_full":3} n=1\n',
    )
  })

  it('is one line, whatever is in it, and nothing that a terminal acts on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, detail) => {
        const line = logText(record({ message, [`k${detail}`]: detail, list: [detail] }))
        expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*\n$/u)
      }),
    )
  })
})

describe('an error in a line', () => {
  it('is told with its causes, each once', () => {
    const cause = new Error('connection refused')
    expect(errorText(new Error('cannot deliver', { cause: new Error('broker away', { cause }) }))).toBe(
      'cannot deliver: broker away: connection refused',
    )
    expect(errorText(new Error('cannot deliver: connection refused', { cause }))).toBe(
      'cannot deliver: connection refused',
    )
    expect(errorText('text')).toBe('text')
    expect(errorText(undefined)).toBe('')
  })

  it('may hang on itself', () => {
    const error: Error & { cause?: unknown } = new Error('round')
    error.cause = error
    expect(errorText(error)).toBe('round')
    const [one, other]: (Error & { cause?: unknown })[] = [new Error('one'), new Error('other')]
    if (one !== undefined && other !== undefined) {
      one.cause = other
      other.cause = one
      expect(errorText(one)).toBe('one: other')
    }
  })
})
