// @ts-check
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDiskSpool } from '../../packages/hivetap/dist/spool/disk-spool.js'
import { median, ratios, spread } from '../figure.mjs'

export const title = 'The spool'
export const about =
  'Batches of 1,000 records of 400 bytes of JSON into a spool on disk and out of it, in segments of 16 MiB. The peer is a ' +
  'plain loop of `fs.writeSync`, or of `fs.readSync` by 1 MiB, over as many bytes: no checksum, no records. In turns; the ' +
  'middle of five runs, the least and the most. What is synced (`always`) is synced by the peer too, batch by batch.'

const RUNS = 5
const BATCHES = 300
const SYNCED_BATCHES = 50
const RECORDS = 1000
const VALUE_BYTES = 400
const EPOCH = '01234567-89ab-4cde-8f01-23456789abcd'
const PIECE_BYTES = 1 << 20
const { signal } = new AbortController()

/** @typedef {{seconds: number, cpu: number}} Took what a run took: time, and processor time, in seconds */

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  /** @type {Record<'append' | 'flow' | 'replay' | 'write' | 'read' | 'interval' | 'always' | 'synced', Took[]>} */
  const took = { append: [], flow: [], replay: [], write: [], read: [], interval: [], always: [], synced: [] }
  for (let run = 0; run < RUNS; run++) {
    await inDirectory(async (dir) => {
      const { append, replay } = await appendAndReplay(dir)
      took.append.push(append)
      took.replay.push(replay)
      const { write, read } = await writeAndRead(join(dir, 'plain'))
      took.write.push(write)
      took.read.push(read)
    })
    await inDirectory(async (dir) => took.flow.push(await flow(dir)))
    await inDirectory(async (dir) => took.interval.push(await appendOnly(dir, 'interval', BATCHES)))
    await inDirectory(async (dir) => took.always.push(await appendOnly(dir, 'always', SYNCED_BATCHES)))
    await inDirectory(async (dir) => took.synced.push(await writeSynced(join(dir, 'plain'))))
  }
  const records = BATCHES * RECORDS
  const ms = (/** @type {Took[]} */ runs, /** @type {number} */ batches) =>
    spread(
      runs.map(({ seconds }) => (seconds / batches) * 1000),
      2,
    )
  return [
    figure('appended a second', took.append, took.write, records, 'fs.writeSync', 100_000),
    cpuFigure(
      'processor time of an append, an event',
      took.append,
      took.write,
      records,
      'fs.writeSync',
      2000,
    ),
    cpuFigure(
      'appended, read and acknowledged, an event',
      took.flow,
      took.write,
      records,
      'fs.writeSync',
      3000,
    ),
    figure('replayed a second', took.replay, took.read, records, 'fs.readSync', 200_000),
    cpuFigure('processor time of replay, an event', took.replay, took.read, records, 'fs.readSync', 3000),
    { name: 'a batch, `fsync: never`', hivetap: `${ms(took.append, BATCHES)} ms`, limit: '', reached: true },
    {
      name: 'a batch, `interval` of 1 s',
      hivetap: `${ms(took.interval, BATCHES)} ms`,
      limit: '',
      reached: true,
    },
    {
      name: 'a batch, `always`',
      hivetap: `${ms(took.always, SYNCED_BATCHES)} ms`,
      peer: `fs.fdatasyncSync ${ms(took.synced, SYNCED_BATCHES)} ms`,
      limit: '',
      reached: true,
    },
  ]
}

/** @param {string} name @param {Took[]} ours @param {Took[]} theirs @param {number} records @param {string} peer @param {number} limit */
function figure(name, ours, theirs, records, peer, limit) {
  const rates = (/** @type {Took[]} */ runs) => runs.map(({ seconds }) => records / seconds)
  const rate = median(rates(ours))
  const text = (/** @type {number} */ value) => Math.round(value).toLocaleString('en')
  return {
    name: `events ${name}`,
    hivetap: `${text(rate)}: ${spread(ratios(rates(ours), rates(theirs)), 2)} of the peer’s`,
    peer: `${peer} ${text(median(rates(theirs)))}`,
    limit: `≥ ${text(limit)}`,
    reached: rate >= limit,
  }
}

/** @param {string} name @param {Took[]} ours @param {Took[]} theirs @param {number} records @param {string} peer @param {number} limit */
function cpuFigure(name, ours, theirs, records, peer, limit) {
  const each = (/** @type {Took[]} */ runs) => runs.map(({ cpu }) => (cpu / records) * 1e9)
  return {
    name,
    hivetap: `${spread(each(ours), 0)} ns`,
    peer: `${peer} ${spread(each(theirs), 0)} ns`,
    limit: `≤ ${limit} ns`,
    reached: median(each(ours)) <= limit,
  }
}

/** @param {() => Promise<void>} work @returns {Promise<Took>} */
async function measure(work) {
  const [cpu, from] = [process.cpuUsage(), performance.now()]
  await work()
  const seconds = (performance.now() - from) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { seconds, cpu: (user + system) / 1e6 }
}

/** @param {(dir: string) => Promise<unknown>} work */
async function inDirectory(work) {
  const dir = mkdtempSync(join(tmpdir(), 'bench-spool-'))
  try {
    await work(dir)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** @param {string} dir @param {'never' | 'interval' | 'always'} fsync */
function open(dir, fsync = 'never') {
  return openDiskSpool({
    dir: join(dir, 'spool'),
    maxBytes: 1 << 30,
    segmentBytes: 1 << 24,
    policy: 'drop_oldest',
    fsync,
    fsyncIntervalMs: 1000,
    readers: ['bench'],
  })
}

const records = Array.from({ length: RECORDS }, (_, index) => ({
  kind: /** @type {const} */ ('event'),
  tool: 'tcpconnlat',
  timeMs: 1_700_000_000_000 + index,
  value: Buffer.from(`{"version":1,"event_id":"${EPOCH}-${index}"`.padEnd(VALUE_BYTES, '.')),
}))

/** @param {ReturnType<typeof open>} spool @param {number} batches */
async function append(spool, batches) {
  for (let batch = 0; batch < batches; batch++)
    await spool.append({ epoch: EPOCH, firstSequence: batch * RECORDS, records }, signal)
}

/** @param {string} dir @param {'never' | 'interval' | 'always'} fsync @param {number} batches */
async function appendOnly(dir, fsync, batches) {
  const spool = open(dir, fsync)
  const took = await measure(() => append(spool, batches))
  await spool.close()
  return took
}

/** @param {string} dir */
async function appendAndReplay(dir) {
  const appended = await appendOnly(dir, 'never', BATCHES)
  const spool = open(dir)
  const reader = spool.reader('bench')
  const replay = await measure(async () => {
    for (let batch = 0; batch < BATCHES; batch++) {
      const entry = await reader.next(signal)
      if (entry?.kind !== 'batch' || entry.batch.records.length !== RECORDS)
        throw new Error('a batch is missing')
      reader.acknowledge(entry)
    }
  })
  await spool.close()
  return { append: appended, replay }
}

/** As it is when destinations keep up. @param {string} dir */
async function flow(dir) {
  const spool = open(dir)
  const reader = spool.reader('bench')
  const took = await measure(async () => {
    for (let batch = 0; batch < BATCHES; batch++) {
      await spool.append({ epoch: EPOCH, firstSequence: batch * RECORDS, records }, signal)
      const entry = await reader.next(signal)
      if (entry !== undefined) reader.acknowledge(entry)
    }
  })
  await spool.close()
  return took
}

const BATCH_BYTES = 144 + 2 + 11 + RECORDS * (15 + VALUE_BYTES)

/** @param {string} path */
async function writeAndRead(path) {
  const bytes = Buffer.alloc(BATCH_BYTES, 1)
  const fd = openSync(path, 'wx+')
  const write = await measure(async () => {
    for (let batch = 0; batch < BATCHES; batch++) writeSync(fd, bytes)
  })
  const piece = Buffer.alloc(PIECE_BYTES)
  const read = await measure(async () => {
    for (let at = 0, count = 1; count > 0; at += count) count = readSync(fd, piece, 0, PIECE_BYTES, at)
  })
  closeSync(fd)
  return { write, read }
}

/** @param {string} path */
async function writeSynced(path) {
  const bytes = Buffer.alloc(BATCH_BYTES, 1)
  const fd = openSync(path, 'wx')
  const took = await measure(async () => {
    for (let batch = 0; batch < SYNCED_BATCHES; batch++) {
      writeSync(fd, bytes)
      fdatasyncSync(fd)
    }
  })
  closeSync(fd)
  return took
}
