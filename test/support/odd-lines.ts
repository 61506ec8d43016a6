import fc from 'fast-check'
import type { SpoolRecord } from '../../packages/hivetap/src/spool/spool.js'
import { EPOCH } from './batches.js'

const OTHER_EPOCH = '7d0a4a3e-93a5-4b2e-8f55-0c3f5a1d2e11'

const text = (content: string) => Buffer.from(`"${content}"`)

/** Texts in JSON, and what is nearly one. */
const strings = fc.oneof(
  fc.constantFrom('', 'curl', '10.0.1.200', 'twelve bytes', 'thirteen byte', 'a'.repeat(300)).map(text),
  fc.string({ unit: 'binary' }).map((content) => Buffer.from(JSON.stringify(content))),
  fc
    .constantFrom(
      '\\n\\t\\"\\\\\\/\\b\\f\\r',
      '\\u0000',
      '\\ud83d\\ude00',
      '\\ud800',
      '\\x',
      '\\u12',
      'é𝒳',
      '\x7f',
    )
    .map(text),
  fc.constantFrom('\n', '\0', '\t', '\\').map(text),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')])),
)

/** Numbers in JSON, and what is nearly one. */
const numbers = fc
  .oneof(
    fc.integer().map(String),
    fc.maxSafeInteger().map(String),
    fc.double().map((value) => JSON.stringify(value)),
    fc.bigInt().map(String),
    fc.tuple(fc.nat(99_999), fc.nat(999)).map(([whole, rest]) => `${whole}.${String(rest).padStart(3, '0')}`),
    fc.constantFrom(
      '0',
      '-0',
      '-0.0',
      '01',
      '-',
      '1.',
      '.5',
      '1.50',
      '1e3',
      '1E-3',
      '1e400',
      '+1',
      '0x10',
      'NaN',
    ),
    fc.constantFrom(
      '9007199254740991',
      '9007199254740993',
      '999999999999999',
      '1000000000000000',
      '-2147483649',
    ),
  )
  .map((content) => Buffer.from(content))

const others = fc
  .constantFrom(
    'true',
    'false',
    'null',
    'nul',
    'tru',
    '{}',
    '{"a":[1,"x"]}',
    '[]',
    '["a","b c"]',
    '["a",]',
    '[,"a"]',
    '[1]',
  )
  .map((content) => Buffer.from(content))
const lists = fc.array(strings, { maxLength: 4 }).map((parts) => Buffer.from(`[${parts.join(',')}]`))

const times = fc
  .oneof(
    {
      weight: 20,
      arbitrary: fc
        .tuple(
          fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
          fc.nat(999_999),
        )
        .map(([date, rest]) => `${date.toISOString().slice(0, -1)}${String(rest).padStart(6, '0')}Z`),
    },
    fc.constantFrom(
      '2026-11-28T05:00:00.123456789Z',
      '2026-11-28T05:00:00.123456789z',
      '2026-11-28T05:00:00Z',
    ),
    fc.constantFrom(
      '2026-11-28T05:00:00,123456789Z',
      '2026-02-31T05:00:00.123456789Z',
      '2026-11-28T25:00:00.000000000Z',
    ),
    fc.constantFrom(
      '1677-09-21T00:12:43.000000000Z',
      '2262-04-11T23:47:16.854775807Z',
      '9999-12-31T23:59:59.999999999Z',
    ),
    fc.constantFrom(
      '2026-11-28T05:00:00.9e99     Z',
      '2026-11-28T05:00:00.-12345678Z',
      '2026-11-28 05:00:00.123456789Z',
    ),
  )
  .map(text)

const ids = (sequences: fc.Arbitrary<number>) =>
  fc.oneof(
    { weight: 30, arbitrary: sequences.map((sequence) => text(`${EPOCH}-${sequence}`)) },
    { weight: 3, arbitrary: sequences.map((sequence) => text(`${OTHER_EPOCH}-${sequence}`)) },
    fc
      .constantFrom(
        `${EPOCH}-007`,
        `${EPOCH}-`,
        EPOCH,
        `${EPOCH}-1x`,
        `${EPOCH}-1234567890123456`,
        `${EPOCH}-loss-s-1-2`,
        '',
      )
      .map(text),
    strings,
  )

const KEYS = [
  'pid',
  'comm',
  'latency_us',
  'fast_open',
  'outcome',
  'args',
  'host',
  'sample',
  'sequence',
  'epoch',
  'tool',
]
const ODD_KEYS = [
  'fresh',
  'ratio',
  'pod_labels',
  'Not A Name',
  '__proto__',
  'version',
  'event_id',
  'time',
  '',
]
const keys = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...KEYS) }, fc.constantFrom(...ODD_KEYS))
const values = fc.oneof(strings, numbers, others, lists)

/** What fits its column. */
const fitting = fc.oneof(
  fc.tuple(
    fc.constantFrom('pid', 'latency_us', 'sample'),
    fc.nat().map((value) => Buffer.from(String(value))),
  ),
  fc.tuple(
    fc.constantFrom('comm', 'outcome', 'host'),
    fc.constantFrom('curl', 'connection refused by peer').map(text),
  ),
  fc.tuple(
    fc.constant('fast_open'),
    fc.constantFrom('true', 'false').map((value) => Buffer.from(value)),
  ),
)

const joined = (parts: readonly (readonly [string, Uint8Array])[], blank: string): Buffer =>
  Buffer.concat([
    Buffer.from('{'),
    ...parts.flatMap(([key, value], index) => [
      Buffer.from(`${index === 0 ? '' : ','}${blank}${JSON.stringify(key)}:${blank}`),
      value,
    ]),
    Buffer.from('}'),
  ])

/** A line that is broken somewhere. */
const broken = (line: Buffer, how: number, byte: number): Buffer => {
  const at = how % (line.length + 1)
  if (byte < 64) return line.subarray(0, at)
  if (byte < 96) return Buffer.concat([line, Buffer.from(' ')])
  const copy = Buffer.from(line)
  copy[at] = byte
  return copy
}

/** Lines of which many are as an agent writes them, and many are not. */
const lines = (sequences: fc.Arbitrary<number>): fc.Arbitrary<Buffer> => {
  const head = fc.tuple(ids(sequences), fc.oneof({ weight: 20, arbitrary: times }, values))
  const fields = fc.array(fc.oneof({ weight: 12, arbitrary: fitting }, fc.tuple(keys, values)), {
    maxLength: 6,
  })
  const plain = fc.tuple(head, fields).map(([[id, time], rest]) => {
    const unique = new Map<string, Uint8Array>([
      ['version', Buffer.from('1')],
      ['event_id', id],
      ['time', time],
      ['host', text('node-1')],
      ['tool', text('x')],
      ...rest,
    ])
    return [...unique]
  })
  return fc
    .tuple(
      plain,
      fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
      fc.tuple(fc.nat(2000), fc.nat(255)),
      fc.constantFrom('', ' ', '\t'),
    )
    .map(([parts, [again, turned, isBroken], [how, byte], blank]) => {
      const list = again === 0 && parts[2] !== undefined ? [...parts, parts[2]] : parts
      const turnedList = turned === 0 ? [...list].reverse() : list
      const line = joined(turnedList, again === 1 ? blank : '')
      return isBroken === 0 ? broken(line, how, byte) : line
    })
}

/** At least so many records of such lines, of which some are of no tool that there is. */
export function oddRecords(least = 1): fc.Arbitrary<SpoolRecord[]> {
  const tools = fc.constantFrom(
    'tcpconnlat',
    'tcpconnlat',
    'tcpconnlat',
    'execsnoop',
    'never_heard_of',
    'No Name',
    '',
  )
  const record = fc.tuple(lines(fc.nat(2000)), tools, fc.nat(9)).map(
    ([value, tool, account]): SpoolRecord => ({
      kind: account === 0 ? 'ledger' : 'event',
      tool,
      timeMs: 0,
      value,
    }),
  )
  return fc.array(record, { minLength: least, maxLength: 40 })
}
