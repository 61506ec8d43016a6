// @ts-check
import { join } from 'node:path'
import { ROOT } from '../../scripts/root.mjs'
import { compile } from '../compile.mjs'
import { median, ratios, spread } from '../figure.mjs'
import { Program, wait } from '../program.mjs'

export const title = 'Ring buffer to decoded events'
export const about =
  'A program in the kernel hands out connect events, 16 a system call. Read by `@hivetap/bpf` into objects by the generated ' +
  'decoder, and by a consumer in C with libbpf (`bench/ring-buffer/consumer.c`) that makes the same of them. In turns; ' +
  'the middle of five runs, the least and the most. Where a reader mostly waits, the kernel cannot tell its user time from ' +
  'its system time (it samples them, and a reader that sleeps between two ticks shows up as either): there both count.'

const ROUNDS = 5
const SECONDS = 5
const EVENTS_A_CALL = 16
const OBJECT = join(ROOT, 'bench/ring-buffer/flood.bpf.o')

/** @typedef {{ made: number, received: number, aSecond: number, userNs: number, cpuNs: number }} Reading */

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const producer = compile('ring-buffer/producer.c')
  const consumer = compile('ring-buffer/consumer.c', ['-lbpf', '-lelf', '-lz'])
  const ours = { command: process.execPath, args: [join(ROOT, 'bench/ring-buffer/consumer.mjs')] }
  const theirs = { command: consumer, args: [] }
  const fastest = await inTurns(producer, ours, theirs, 0)
  const steady = await inTurns(producer, ours, theirs, 300_000)
  const lost = steady.ours.map(({ made, received }) => made - received)
  const fastestRatio = ratio(fastest, 'userNs')
  const steadyRatio = ratio(steady, 'cpuNs')
  return [
    {
      name: 'events a second, as fast as they come',
      hivetap: thousands(fastest.ours.map(({ aSecond }) => aSecond)),
      peer: `libbpf ${thousands(fastest.theirs.map(({ aSecond }) => aSecond))}`,
      limit: '≥ 500,000',
      reached: median(fastest.ours.map(({ aSecond }) => aSecond)) >= 500_000,
    },
    {
      name: 'the same, user CPU an event',
      hivetap: `${spread(values(fastest.ours, 'userNs'), 0)} ns: ${fastestRatio.toFixed(2)} of libbpf’s`,
      peer: `libbpf ${spread(values(fastest.theirs, 'userNs'), 0)} ns`,
      limit: '≤ 1.25',
      reached: fastestRatio <= 1.25,
    },
    {
      name: 'user and system CPU an event at 300,000 a second',
      hivetap: `${spread(values(steady.ours, 'cpuNs'), 0)} ns: ${steadyRatio.toFixed(2)} of libbpf’s`,
      peer: `libbpf ${spread(values(steady.theirs, 'cpuNs'), 0)} ns`,
      limit: '≤ 1.25',
      reached: steadyRatio <= 1.25,
    },
    {
      name: `lost at 300,000 a second, of ${thousands([steady.ours.reduce((sum, { made }) => sum + made, 0)])}`,
      hivetap: `${lost.reduce((sum, one) => sum + one, 0)}`,
      peer: `libbpf ${steady.theirs.reduce((sum, { made, received }) => sum + made - received, 0)}`,
      limit: '0',
      reached: lost.every((one) => one === 0),
    },
  ]
}

/**
 * @param {string} producer
 * @param {{ command: string, args: readonly string[] }} ours
 * @param {{ command: string, args: readonly string[] }} theirs
 * @param {number} rate events a second; 0 for as fast as it can
 */
async function inTurns(producer, ours, theirs, rate) {
  /** @type {{ ours: Reading[], theirs: Reading[] }} */
  const readings = { ours: [], theirs: [] }
  for (let round = 0; round < ROUNDS; round++) {
    readings.ours.push(await read(producer, ours, rate))
    readings.theirs.push(await read(producer, theirs, rate))
  }
  return readings
}

/**
 * @param {string} producerProgram
 * @param {{ command: string, args: readonly string[] }} reader
 * @param {number} rate
 * @returns {Promise<Reading>}
 */
async function read(producerProgram, { command, args }, rate) {
  const producer = new Program(producerProgram, [String(rate / EVENTS_A_CALL), String(SECONDS)])
  const consumer = new Program(command, [...args, OBJECT, String(producer.pid)])
  await consumer.until(() => consumer.stdout.includes('ready'), 'it was ready')
  producer.begin()
  await producer.ended()
  await wait(200)
  await consumer.end()
  const { calls = 0, seconds = 0 } = producer.result()
  const { received = 0, userSeconds = 0, systemSeconds = 0 } = consumer.result()
  if (received === 0) throw new Error(`${command} read nothing: ${consumer.stderr}`)
  return {
    made: calls * EVENTS_A_CALL,
    received,
    aSecond: received / seconds,
    userNs: (userSeconds / received) * 1e9,
    cpuNs: ((userSeconds + systemSeconds) / received) * 1e9,
  }
}

/** @param {readonly Reading[]} readings @param {'userNs' | 'cpuNs'} of */
function values(readings, of) {
  return readings.map((reading) => reading[of])
}

/** @param {{ ours: readonly Reading[], theirs: readonly Reading[] }} readings @param {'userNs' | 'cpuNs'} of */
function ratio({ ours, theirs }, of) {
  return median(ratios(values(ours, of), values(theirs, of)))
}

/** @param {readonly number[]} values */
function thousands(values) {
  return Math.round(median(values)).toLocaleString('en')
}
