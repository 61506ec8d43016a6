// @ts-check
/** Rows a second into the store, against DuckDB's appender fed with values that are ready. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import * as duckdb from '@duckdb/node-api'
import { duckdbKind } from '../../packages/hivetap/dist/sinks/duckdb/duckdb.js'
import { median, ratios, spread } from '../figure.mjs'

export const title = 'Into the store'
export const about =
  'Connects as JSON, as the agent has them, delivered to a DuckDB store in batches until the disk has them. An agent that is ' +
  'behind gathers what it has into batches as large as the store takes at once (8 MiB, by default), and shows it the next one meanwhile. The peer is the ' +
  "same package's appender, a row at a time in one transaction, with the same columns from values that are parsed already."

const ROWS = 300_000
/** Bytes that the agent has on their way to a sink at once (`queue.sink_bytes`), unless it is told otherwise. */
const SINK_BYTES = 8 << 20
const ROUNDS = 3
const EPOCH = '0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00'

/** @returns {Promise<readonly import('../figure.mjs').Figure[]>} */
export async function run() {
  const records = Array.from({ length: ROWS }, (_, sequence) => recordOf(sequence))
  const gathered = await gatheredOf(records)
  /** @type {number[][]} */
  const rates = [[], [], []]
  for (let round = 0; round < ROUNDS; round++) {
    rates[0]?.push(await inFolder((path) => throughDestination(path, records, gathered, true)))
    rates[1]?.push(await inFolder((path) => throughDestination(path, records, 1000, false)))
    rates[2]?.push(await inFolder((path) => throughAppender(path, records)))
  }
  const [large = [], small = [], peer = []] = rates
  return [
    figure(`rows a second, batches of ${gathered} (an agent that is behind)`, large, peer),
    figure('rows a second, batches of 1,000 (as the agent gathers them at first)', small, peer),
  ]
}

/** @param {string} name @param {readonly number[]} ours @param {readonly number[]} peer */
function figure(name, ours, peer) {
  return {
    name,
    hivetap: `${spread(ours, 0)}; ${spread(ratios(ours, peer), 2)} of the peer`,
    peer: `${spread(peer, 0)}, plain appender`,
    limit: 'at least 300,000',
    reached: median(ours) >= 300_000,
  }
}

/** @param {number} sequence */
function recordOf(sequence) {
  const event = {
    version: 1,
    event_id: `${EPOCH}-${sequence}`,
    time: `2026-11-28T05:00:00.${String(sequence).padStart(9, '0')}Z`,
    host: 'node-1',
    tool: 'tcpconnlat',
    pid: 1000 + (sequence % 50),
    tid: 1000 + (sequence % 50),
    uid: 0,
    cgroup_id: 4242,
    comm: 'curl',
    netns: 4026531840,
    latency_us: (sequence * 7919) % 10_007,
    srtt_us: 200,
    retransmits: 0,
    source_address: '10.0.0.1',
    source_port: 40_000 + (sequence % 1000),
    destination_address: `10.0.1.${sequence % 200}`,
    destination_port: 443,
    ip_version: 4,
    outcome: 'connected',
    cause: 'network',
    fast_open: false,
  }
  const value = Buffer.from(JSON.stringify(event))
  return { event, record: { kind: /** @type {const} */ ('event'), tool: 'tcpconnlat', timeMs: 0, value } }
}

/** @param {(path: string) => Promise<number>} work @returns rows a second */
async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'hivetap-bench-'))
  try {
    return await work(join(folder, 'store.duckdb'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @param {string} path */
function destination(path) {
  const config = duckdbKind.config.parse({ type: 'duckdb', path, max_age: '3650d' })
  return duckdbKind.create(config, { node: 'node-1', note: () => undefined })
}

/** Records that the agent gathers into a batch. @param {readonly ReturnType<typeof recordOf>[]} records */
async function gatheredOf(records) {
  const { mostAtOnce } = await destination('/nowhere')
  if (mostAtOnce === undefined) throw new Error('the store does not say how much it takes at once')
  const bytes = records.reduce((most, { record }) => Math.max(most, record.value.byteLength), 0)
  return Math.min(mostAtOnce.records, Math.floor(Math.min(mostAtOnce.bytes, SINK_BYTES) / bytes))
}

/**
 * @param {string} path @param {readonly ReturnType<typeof recordOf>[]} records
 * @param {number} size of a batch @param {boolean} isBehind whether the next batch waits already while one is under way
 */
async function throughDestination(path, records, size, isBehind) {
  const sink = await destination(path)
  const { signal } = new AbortController()
  await sink.open(signal)
  const all = records.map(({ record }) => record)
  const begin = performance.now()
  /** @param {number} first */
  const batchAt = (first) =>
    first < all.length
      ? { epoch: EPOCH, firstSequence: first, records: all.slice(first, first + size) }
      : undefined
  let batch = batchAt(0)
  for (let first = size; batch !== undefined; first += size) {
    const delivered = sink.deliver(batch, signal)
    batch = batchAt(first)
    // An agent that is behind does so too.
    if (batch !== undefined && isBehind) sink.readAhead?.(batch)
    await delivered
  }
  const rate = (all.length / (performance.now() - begin)) * 1000
  await sink.close()
  return rate
}

/** @param {string} path @param {readonly ReturnType<typeof recordOf>[]} records */
async function throughAppender(path, records) {
  const instance = await duckdb.DuckDBInstance.create(path, { threads: '1', memory_limit: '128MiB' })
  const connection = await instance.connect()
  const {
    version: _,
    event_id: __,
    time: ___,
    tool: ____,
    ...fields
  } = records[0]?.event ?? recordOf(0).event
  const names = Object.entries(fields)
  const columns = names.map(([name, value]) => `${name} ${sqlType(value)}`).join(', ')
  await connection.run(`CREATE TABLE events (sequence BIGINT, ${columns})`)
  const rows = records.map(({ event }) => /** @type {Record<string, string | number | boolean>} */ (event))
  const begin = performance.now()
  const appender = await connection.createAppender('events')
  for (const [sequence, row] of rows.entries()) {
    appender.appendBigInt(BigInt(sequence))
    for (const [name] of names) {
      const value = row[name]
      if (typeof value === 'string') appender.appendVarchar(value)
      else if (typeof value === 'boolean') appender.appendBoolean(value)
      else appender.appendBigInt(BigInt(value ?? 0))
    }
    appender.endRow()
  }
  appender.flushSync()
  appender.closeSync()
  const rate = (rows.length / (performance.now() - begin)) * 1000
  connection.closeSync()
  instance.closeSync()
  return rate
}

/** @param {string | number | boolean} value */
function sqlType(value) {
  if (typeof value === 'string') return 'VARCHAR'
  return typeof value === 'boolean' ? 'BOOLEAN' : 'BIGINT'
}
