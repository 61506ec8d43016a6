// @ts-check
/** What reading costs detection: events of hivetap's JSON, and rows of a table, in processor time. */
import { detectReader } from '../../packages/hivetap/dist/detect/input/detect-reader.js'
import { median, spread } from '../figure.mjs'
import { jsonLines, tableLines } from './lines.mjs'

export const title = 'Reading connects'
export const about =
  'Lines as `hivetap tcpconnlat -o json` and libbpf-tools’ `tcpconnlat -t` print them, of 200 destinations and 50 processes, are ' +
  'given to the reader of `hivetap detect` in pieces of 64 KiB; what it reads is thrown away. A second of processor time, user and ' +
  'system; the peer is `JSON.parse` of each line, which makes no observation of it. The middle of five runs, the least and the most.'

const LINES = 200_000
const ROUNDS = 5
const PIECE = 64 * 1024

/** @returns {Promise<readonly import('../figure.mjs').Figure[]>} */
export async function run() {
  const json = jsonLines(LINES)
  const table = tableLines(LINES)
  const records = json
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => Buffer.from(line))
  const ways = {
    json: () => inPieces(json, 0),
    records: () => asRecords(records),
    rows: () => inPieces(table, 0),
    threshold: () => inPieces(table, 100_000),
    parse: () => records.reduce((sum, record) => sum + JSON.parse(record.toString()).pid, 0),
  }
  /** @type {Record<keyof ways, number[]>} */
  const rates = { json: [], records: [], rows: [], threshold: [], parse: [] }
  for (let round = 0; round < ROUNDS; round++)
    for (const name of /** @type {(keyof ways)[]} */ (Object.keys(ways))) rates[name].push(rateOf(ways[name]))
  const peer = `JSON.parse ${spread(rates.parse, 0)}`
  return [
    figure('events a second, from lines of JSON', rates.json, 500_000, peer),
    figure('events a second, from records of a topic', rates.records, 500_000, peer),
    figure('rows a second, each one read whole', rates.rows, 250_000),
    figure('rows a second, at a fixed threshold that one in a thousand is over', rates.threshold, 1_000_000),
  ]
}

/** @param {string} name @param {readonly number[]} rates @param {number} least @param {string} [peer] */
function figure(name, rates, least, peer) {
  return {
    name,
    hivetap: `${spread(rates, 0)}: ${(1e9 / median(rates)).toFixed(0)} ns each`,
    ...(peer === undefined ? {} : { peer }),
    limit: `at least ${least.toLocaleString('en')}`,
    reached: median(rates) >= least,
  }
}

/** @param {() => unknown} work @returns lines a second of processor time */
function rateOf(work) {
  const begin = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begin)
  return (LINES / (user + system)) * 1e6
}

/** @param {Buffer} lines @param {number} overUs */
function inPieces(lines, overUs) {
  const reader = readerOf(overUs)
  for (let at = 0; at < lines.length; at += PIECE) reader.take(lines.subarray(at, at + PIECE))
  reader.end()
  check(reader)
}

/** @param {readonly Buffer[]} records */
function asRecords(records) {
  const reader = readerOf(0)
  for (const record of records) reader.readRecord(record, 0)
  check(reader)
}

/** @param {number} overUs */
function readerOf(overUs) {
  return detectReader({ take: () => undefined, nowUs: () => Date.now() * 1000, overUs })
}

/** @param {import('../../packages/hivetap/src/detect/input/reader-options.js').DetectReader} reader */
function check({ counts }) {
  if (counts.observations !== LINES)
    throw new Error(
      `the reader saw ${counts.observations} of ${LINES} connects: ${counts.firstUnreadable?.text}`,
    )
}
