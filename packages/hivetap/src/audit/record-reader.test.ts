import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventIds, JsonLines } from '../sinks/json-lines.js'
import { WallClock } from '../sinks/wall-clock.js'
import { readTime } from '../stream/record-time.js'
import { contentHash } from './content-hash.js'
import { readEpochState } from './read-account.js'
import { readJson } from './read-json.js'
import { RecordReader } from './record-reader.js'

const EPOCH = '0f8fad5b-d9cb-469f-a165-70867728950e'
const CLOCK = new WallClock({ monotonicNs: () => 0n, realtimeNs: () => 10n ** 18n })

const line = (fields: Readonly<Record<string, unknown>>) =>
  Buffer.from(
    JSON.stringify({
      version: 1,
      event_id: `${EPOCH}-7`,
      time: '2026-11-28T04:55:37.123456789Z',
      host: 'node-1',
      tool: 'tcpconnlat',
      ...fields,
    }),
  )
const read = (bytes: Buffer) => new RecordReader().read(bytes)
const why = (bytes: Buffer) => {
  const record = read(bytes)
  return record.kind === 'unreadable' ? record.why : record.kind
}

describe('RecordReader', () => {
  it('reads an event as JsonLines writes it, without its JSON being whole', () => {
    const format = new JsonLines<{ readonly at: number; readonly text: string }>(
      {
        name: 'texts',
        fields: [{ name: 'text', doc: '', type: 'string', value: (event) => event.text }],
        timeNs: ({ at }) => at,
      },
      { missing: new Map(), clock: CLOCK, ids: new EventIds(EPOCH, 41), host: 'node-1' },
    )
    const bytes = Buffer.from(format.line({ at: 1_500_000, text: '"}' }))
    const expected = { kind: 'event', epoch: EPOCH, sequence: 41, host: 'node-1', timeMs: 10 ** 12 + 1 }
    expect(read(bytes)).toMatchObject(expected)
    expect(readJson(bytes)).toMatchObject(expected)
  })

  it('says the same of any line as reading all of its JSON does', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '-', '"', '\\', '\0', 'ö', '\ud800', '😀', ' '),
      maxLength: 8,
    })
    const digits = fc.constantFrom(
      '0',
      '7',
      '07',
      '',
      '-1',
      '1e3',
      '9007199254740990',
      '9007199254740991',
      '99999999999999999',
    )
    fc.assert(
      fc.property(text, text, digits, fc.boolean(), (host, tool, sequence, sampled) => {
        const bytes = line({
          event_id: `${EPOCH}-${sequence}`,
          host,
          tool,
          ...(sampled ? { sample: 10 } : {}),
        })
        expect(read(bytes)).toEqual(readJson(bytes))
      }),
      { numRuns: 200 },
    )
  })

  it('takes any bytes', () => {
    const reader = new RecordReader()
    const good = line({})
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(good.length), (noise, at) => {
        expect(reader.read(Buffer.from(noise)).kind).toBe('unreadable')
        const damaged = Buffer.concat([good.subarray(0, at), noise])
        expect(['event', 'unreadable']).toContain(reader.read(damaged).kind)
      }),
      { numRuns: 500 },
    )
    expect(reader.read(good)).toMatchObject({ epoch: EPOCH, sequence: 7, host: 'node-1' })
  })

  it.each([
    ['', 'not_json'],
    ['null', 'not_json'],
    ['[]', 'not_json'],
    ['[['.repeat(100_000), 'not_json'],
    ['\uFEFF{}', 'not_json'],
    ['{}', 'version'],
  ])('says why %.20s is none', (text, expected) => expect(why(Buffer.from(text))).toBe(expected))

  it.each([
    [{ version: 2 }, 'version'],
    [{ event_id: 7 }, 'event_id'],
    [{ event_id: EPOCH }, 'event_id'],
    [{ event_id: `${EPOCH.toUpperCase()}-7` }, 'event_id'],
    [{ event_id: `${EPOCH}-007` }, 'event_id'],
    [{ event_id: `${EPOCH}-9007199254740991` }, 'event_id'],
    [{ event_id: `${EPOCH}-9007199254740990` }, 'event'],
    [{ time: 'soon' }, 'time'],
    [{ time: '2026-13-28T04:55:37.123456789Z' }, 'time'],
    [{ time: '2026-11-28T04:55:37+01:00' }, 'event'],
    [{ host: '' }, 'host'],
    [{ host: 'x'.repeat(400) }, 'host'],
    [{ host: 'nöde' }, 'event'],
    [{ record: 'of a later version' }, 'other'],
    [{ record: 'ledger' }, 'account'],
    [{ record: 'epoch', state: 'ended', epoch: EPOCH, sequences: 2 ** 53, events: 0 }, 'account'],
    [{ record: 'epoch', state: 'asleep', epoch: EPOCH, sequences: 2, events: 0 }, 'account'],
    [{ record: 'epoch', state: 'ended', epoch: EPOCH, sequences: 8, events: 0 }, 'epoch'],
    [
      {
        record: 'loss',
        sink: 'k',
        reason: 'too_large',
        epoch: EPOCH,
        count: 2,
        first_sequence: 3,
        last_sequence: 4,
      },
      'event_id',
    ],
    [
      {
        event_id: `${EPOCH}-loss-k-3-4`,
        ...{
          record: 'loss',
          sink: 'k',
          reason: 'too_large',
          epoch: EPOCH,
          count: 2,
          first_sequence: 3,
          last_sequence: 4,
        },
      },
      'loss',
    ],
    [
      {
        event_id: `${EPOCH}-loss-k-3-4`,
        ...{
          record: 'loss',
          sink: 'k',
          reason: 'too_large',
          epoch: EPOCH,
          count: 3,
          first_sequence: 3,
          last_sequence: 4,
        },
      },
      'account',
    ],
  ])('takes %j for %s', (fields, expected) => expect(why(line(fields))).toBe(expected))

  it('reads of an epoch that was cut without how many events it had: the agent does not know', () => {
    const told = { state: 'cut', epoch: EPOCH, sequences: 51 }
    expect(readEpochState(told)).toMatchObject({ state: 'cut', of: EPOCH, sequences: 51 })
    expect(readEpochState({ ...told, state: 'ended' })).toBeUndefined()
    expect(readEpochState({ ...told, events: -1 })).toBeUndefined()
  })

  it('does not take a record that is cut for an event', () => {
    const whole = line({ comm: 'curl' })
    for (let length = 0; length < whole.length; length++)
      expect(why(whole.subarray(0, length))).not.toBe('event')
  })
})

describe('readTime', () => {
  it('reads what Date.parse reads', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString().replace('Z', '123456Z')
          expect(readTime(Buffer.from(text), 0)).toBe(date.getTime())
        },
      ),
    )
  })
})

describe('contentHash', () => {
  // Of the reference, as published with its verification values.
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ])('of %j with %d', (text, seed, hash) => expect(contentHash(Buffer.from(text), seed)).toBe(hash))
})
