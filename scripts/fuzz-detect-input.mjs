// @ts-check
/**
 * Gives the reader of `hivetap detect` lines that nobody would write (`node scripts/fuzz-detect-input.mjs [LINES] [SEED]`, a
 * million without, of what `npm run build` made). It fails where the reader throws, does not count each line once, gives away a
 * connect that cannot be, holds more memory than it may, or takes more than a second for a piece of 64 KiB.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { detectReader } from '../packages/hivetap/dist/detect/input/detect-reader.js'
import { OUTCOMES } from '../packages/hivetap/dist/detect/observation.js'
import { CAUSES } from '../packages/hivetap/dist/probes/connects/cause.js'
import { Random } from '../packages/hivetap/dist/simulation/random.js'
import { filesBelow } from './files.mjs'
import { ROOT } from './root.mjs'

const [lines = 1_000_000, seed = 1] = process.argv.slice(2).map(Number)
const PIECE = 64 * 1024
const MOST_MS = 1000
const MOST_MB = 128
/** What the fuzzed lines are made of: what the tools printed, a table each. */
const TABLES = filesBelow(join(ROOT, 'test/fixtures/tables'), ['.txt', '.jsonl']).map((path) =>
  readFileSync(path, 'latin1').split('\n'),
)
const TEXTS = [
  '\0',
  '\x1b[31m',
  '\x1b]0;',
  '\r',
  '\t',
  '  ',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ':',
  ',',
  '-',
  '0',
  '9'.repeat(20),
  '1e999',
  'é',
  '\xff\xfe',
  '->',
  'SYN_SENT',
  'refused',
  ' PID COMM DADDR DPORT LAT(us) ',
  '::',
  '1.2.3.4',
  'x'.repeat(300),
]

const random = new Random(seed)
/** @param {number} below */
const number = (below) => random.between(0, below - 1)
/** @template T @param {readonly T[]} values */
const one = (values) => /** @type {T} */ (values[number(values.length)])

let given = 0
/** @param {import('../packages/hivetap/src/detect/observation.js').Observation} connect */
function take(connect) {
  given++
  const { timeUs, latencyUs, pid, weight, outcome, cause, destination, comm, host } = connect
  const isRight =
    timeUs >= 0 &&
    timeUs <= Number.MAX_SAFE_INTEGER &&
    Number.isSafeInteger(latencyUs) &&
    latencyUs >= -1 &&
    Number.isSafeInteger(pid) &&
    pid >= 0 &&
    Number.isSafeInteger(weight) &&
    weight >= 1 &&
    OUTCOMES.includes(outcome) &&
    CAUSES.includes(cause) &&
    /^(\[[0-9a-f:.]+\](:\d{1,5})?|[0-9.]+(:\d{1,5})?|[0-9a-f:.]+)$/i.test(destination) &&
    comm.length < 70_000 &&
    host.length < 70_000
  if (!isRight) throw new Error(`seed ${seed}: gave away ${JSON.stringify(connect)}`)
}

let table = one(TABLES)
let left = 0

/** A line of a table, changed or not: first its header, then any rows of it. */
function line() {
  if (left === 0) {
    table = one(TABLES)
    left = 1 + number(100)
    return table.find((text) => text.includes('ADDR') || text.startsWith('{')) ?? ''
  }
  left--
  if (number(20_000) === 0) return one(TEXTS).repeat(number(20_000))
  const random = () => String.fromCharCode(number(256))
  let text = number(50) === 0 ? Array.from({ length: number(200) }, random).join('') : one(table)
  for (let changes = number(3); changes > 0; changes--) {
    const at = number(text.length + 1)
    text = text.slice(0, at) + (number(3) === 0 ? '' : one(TEXTS)) + text.slice(at + number(8))
  }
  return text.replaceAll('\n', '')
}

const readers = [0, 50_000].map((overUs) => detectReader({ take, nowUs: () => Date.now() * 1000, overUs }))
let slowest = 0
let peak = 0
let piece = ''
let made = 0
/** @param {Buffer} bytes */
function read(bytes) {
  for (const reader of readers) {
    const begin = process.cpuUsage()
    reader.take(bytes)
    const { user, system } = process.cpuUsage(begin)
    slowest = Math.max(slowest, (user + system) / 1000)
  }
}
for (made = 0; made < lines; made++) {
  const next = line()
  piece += `${next}\n`
  // The same as a record of a topic, which may hold any bytes.
  if (made % 10 === 0) readers[0]?.readRecord(Buffer.from(next, 'latin1'), 0)
  if (piece.length < PIECE) continue
  read(Buffer.from(piece, 'latin1'))
  piece = ''
  peak = Math.max(peak, process.memoryUsage().heapUsed + process.memoryUsage().external)
}
read(Buffer.from(piece, 'latin1'))
for (const reader of readers) reader.end()
const records = Math.ceil(lines / 10)
for (const [index, { counts }] of readers.entries()) {
  const unreadable = [...counts.unreadable.values()].reduce((sum, count) => sum + count, 0)
  const expected = lines + (index === 0 ? records : 0)
  if (counts.lines !== expected || counts.observations + counts.other + unreadable !== expected)
    throw new Error(`seed ${seed}: ${expected} lines are ${JSON.stringify({ ...counts, unreadable })}`)
}
if (slowest > MOST_MS) throw new Error(`seed ${seed}: ${slowest} ms for a piece of ${PIECE} bytes`)
if (peak > MOST_MB * 1e6) throw new Error(`seed ${seed}: ${peak} bytes were held`)
const reasons = [...(readers[0]?.counts.unreadable ?? [])]
  .map(([reason, count]) => `${reason} ${count}`)
  .join(', ')
process.stdout.write(
  `${lines} lines and ${records} records: ${given} connects given away, unreadable: ${reasons}; at most ` +
    `${slowest.toFixed(0)} ms a piece, ${(peak / 1e6).toFixed(0)} MB\n`,
)
