import { describe, expect, it } from 'vitest'
import { connectLines } from '../../../../../test/support/connect-lines.js'
import { detectReader } from '../../detect/input/detect-reader.js'
import { RecordCursor } from '../../topic/wire/record-cursor.js'
import { RecordValues } from './record-values.js'

/** The time of an event's connect, milliseconds since 1970, as it is taken; and whether that is not what it says. */
function taken(eventMs: number, recordMs: number): { readonly ms: number; readonly clamped: number } {
  const times: number[] = []
  const reader = detectReader({
    take: ({ timeUs }) => times.push(Math.floor(timeUs / 1000)),
    nowUs: () => Date.now() * 1000,
  })
  const cursor = new RecordCursor()
  cursor.bytes = Buffer.from(connectLines(1, eventMs, 1).lines[0] ?? '')
  cursor.valueTo = cursor.bytes.length
  cursor.timeMs = recordMs
  new RecordValues(reader).take(0, cursor)
  return { ms: times[0] ?? Number.NaN, clamped: reader.counts.clamped }
}

describe('the time that an event of a record may claim', () => {
  const lastYear = Date.UTC(2025, 10, 1, 12)
  const hour = 3_600_000

  it('is its own, up to when its record was written', () => {
    expect(taken(lastYear, lastYear + 500)).toEqual({ ms: lastYear, clamped: 0 })
    expect(taken(lastYear, lastYear)).toEqual({ ms: lastYear, clamped: 0 })
  })

  it('is no later than that, where the brokers say when: in a replay too, a fast clock pushes nobody', () => {
    expect(taken(lastYear + hour, lastYear)).toEqual({ ms: lastYear, clamped: 1 })
  })

  it('is no later than now, whatever the record claims', () => {
    const before = Date.now()
    const { ms, clamped } = taken(before + hour, before + hour)
    expect(clamped).toBe(1)
    expect(ms).toBeGreaterThanOrEqual(before)
    expect(ms).toBeLessThanOrEqual(Date.now() + 1000)
    expect(taken(before + hour, -1).clamped).toBe(1)
  })
})
