// @ts-check
/** What detection costs: the whole of it, from bytes to alerts, in processor time. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlertRelay } from '../../packages/hivetap/dist/delivery/alerts/alert-relay.js'
import { detectFileSchema } from '../../packages/hivetap/dist/sinks/detect/config.js'
import { Watch } from '../../packages/hivetap/dist/sinks/detect/watch.js'
import { jsonLines, tableLines } from '../detect-input/lines.mjs'
import { bestSpread } from '../figure.mjs'
import { topicAbout, topicFigures } from './topic.mjs'

export const title = 'Detection'
export const about =
  'Lines as for “Reading connects”, given to what `hivetap detect` and the agent run: read, counted by source and destination and by ' +
  'host, judged by the rules that are there by themselves, or held against a limit. Lines a second of processor time, user and system. ' +
  'The peers do only a part: awk prints rows whose last column is above the limit, jq selects such events. The best of five runs; ' +
  'beside it the middle and the least: other work on the machine takes caches and cores, and only the best run tells what the ' +
  `program takes. Keys: a process that is given connects of a million sources and destinations, two each. ${topicAbout}`

const LINES = 300_000
const ROUNDS = 5
const PIECE = 64 * 1024
const MOST_MB = 256
const OVER = { kind: 'over', over: '100ms', window: '5s' }

/** @returns {Promise<readonly import('../figure.mjs').Figure[]>} */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'hivetap-bench-'))
  try {
    const json = jsonLines(LINES)
    const table = tableLines(LINES)
    writeFileSync(join(folder, 'table'), table)
    writeFileSync(join(folder, 'json'), json)
    /** @type {Record<'json' | 'limit' | 'awk' | 'jq', number[]>} */
    const rates = { json: [], limit: [], awk: [], jq: [] }
    for (let round = 0; round < ROUNDS; round++) {
      rates.json.push(await watched(json, {}))
      rates.limit.push(await watched(table, { rules: [OVER] }))
      rates.awk.push(peer(`awk '$NF > 100' ${join(folder, 'table')}`))
      rates.jq.push(peer(`jq -c 'select(.latency_us > 100000)' ${join(folder, 'json')}`))
    }
    const megabytes = ofMillionKeys()
    return [
      figure('events a second, from lines of JSON', rates.json, 250_000, `jq ${bestSpread(rates.jq)}`),
      ...(await topicFigures()),
      figure(
        'table lines a second, at a fixed limit',
        rates.limit,
        1_000_000,
        `awk ${bestSpread(rates.awk)}`,
      ),
      {
        name: 'resident, with a million keys',
        hivetap: `${megabytes.toFixed(0)} MB`,
        limit: `≤ ${MOST_MB} MB`,
        reached: megabytes <= MOST_MB,
      },
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @param {string} name @param {readonly number[]} rates @param {number} least @param {string} other */
function figure(name, rates, least, other) {
  return {
    name,
    hivetap: bestSpread(rates),
    peer: other,
    limit: `≥ ${least.toLocaleString('en')}`,
    reached: Math.max(...rates) >= least,
  }
}

/** @param {Buffer} lines @param {object} file */
async function watched(lines, file) {
  const detection = detectFileSchema.parse(file)
  const relay = new AlertRelay([], { changed: () => undefined, lost: () => undefined })
  const watch = new Watch({ detection, relay })
  const begin = process.cpuUsage()
  for (let at = 0; at < lines.length; at += PIECE) {
    watch.reader.take(lines.subarray(at, at + PIECE))
    await watch.tell()
  }
  watch.reader.end()
  watch.detector.finish()
  await watch.tell()
  const { user, system } = process.cpuUsage(begin)
  await relay.close(0)
  if (watch.reader.counts.observations !== LINES)
    throw new Error(`${watch.reader.counts.observations} of ${LINES} connects were read`)
  return (LINES / (user + system)) * 1e6
}

/** @param {string} command @returns lines a second of its processor time */
function peer(command) {
  const said = execFileSync('bash', ['-c', `${command} > /dev/null; times`], { encoding: 'utf8' })
  const [, children = ''] = said.trim().split('\n')
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  )
  return LINES / seconds
}

/** @returns megabytes that a process with a million keys has resident at most */
function ofMillionKeys() {
  const said = execFileSync(
    process.execPath,
    ['--expose-gc', join(import.meta.dirname, 'million-keys.mjs')],
    { encoding: 'utf8' },
  )
  return Number(said)
}
