// @ts-check
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WORK } from './compile.mjs'
import { median, ratios, spread } from './figure.mjs'
import { Program, wait } from './program.mjs'

/**
 * @typedef {object} Load
 * @property {readonly [string, ...string[]]} storm the program that makes what is told, and its arguments
 * @property {(line: string) => boolean} about whether a line tells of it
 */

/**
 * @typedef {object} UnderLoad what a tool needed
 * @property {number} us processor time for each thing that it was to tell
 * @property {number} made how many that were
 * @property {number} aSecond how fast
 * @property {number} missing for how many there is no line
 * @property {number} lost how many it said it lost
 * @property {number} peak MB
 * @property {number} after MB
 */

/**
 * Runs two tools in turns, each under the same load, with a file as output.
 *
 * @param {Load} load
 * @param {number} rounds
 * @param {(stdout: number) => Promise<Program>} startOurs
 * @param {(stdout: number) => Promise<Program>} startTheirs
 */
export async function inTurns(load, rounds, startOurs, startTheirs) {
  /** @type {UnderLoad[]} */
  const ours = []
  /** @type {UnderLoad[]} */
  const theirs = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(load, startOurs))
    theirs.push(await measure(load, startTheirs))
  }
  return { ours, theirs }
}

/**
 * Processor time is counted from when it is attached until all is written: starts are another figure.
 *
 * @param {Load} load
 * @param {(stdout: number) => Promise<Program>} start
 * @returns {Promise<UnderLoad>}
 */
async function measure({ storm: [command, ...args], about }, start) {
  mkdirSync(WORK, { recursive: true })
  const path = join(WORK, 'lines.txt')
  const file = openSync(path, 'w')
  try {
    const storm = new Program(command, args)
    const tool = await start(file)
    await storm.until(() => storm.stdout.includes('ready'), 'it was ready')
    const before = tool.cpuSeconds
    storm.begin()
    await storm.ended()
    // Until it has nothing left to do.
    for (let last = -1, now = 0; now !== last; ) {
      last = now
      await wait(300)
      now = tool.cpuSeconds
    }
    const used = tool.cpuSeconds - before
    const memory = { peak: tool.memoryMB('VmHWM'), after: tool.memoryMB('VmRSS') }
    await tool.end()
    const { made = 0, seconds = 0, failed = 0 } = storm.result()
    if (failed > 0) throw new Error(`${storm.child.spawnargs.join(' ')}: ${failed} failed`)
    const text = readFileSync(path, 'utf8')
    return {
      us: (used / made) * 1e6,
      made,
      aSecond: made / seconds,
      missing: made - text.split('\n').filter(about).length,
      lost: lostBy(text + tool.stderr),
      ...memory,
    }
  } finally {
    closeSync(file)
  }
}

/** By its own account: "5 lost: …" (hivetap --stats), "Lost 5 events on CPU #0!" (libbpf-tools, bpftrace). @param {string} text */
function lostBy(text) {
  const told = [...text.matchAll(/, (\d+) lost\b/g), ...text.matchAll(/^Lost (\d+) events/gm)]
  return told.reduce((sum, [, count]) => sum + Number(count), 0)
}

/**
 * The processor time of one beside that of the other.
 *
 * @param {string} name
 * @param {{ ours: readonly UnderLoad[], theirs: readonly UnderLoad[] }} readings
 * @param {string} peer
 * @returns {import('./figure.mjs').Figure}
 */
export function cpuFigure(name, { ours, theirs }, peer) {
  const us = (/** @type {readonly UnderLoad[]} */ readings) => readings.map((reading) => reading.us)
  const byRound = ratios(us(ours), us(theirs))
  return {
    name,
    hivetap: `${spread(us(ours), 1)} µs: ${spread(byRound, 2)} of ${peer}’s`,
    peer: `${peer} ${spread(us(theirs), 1)} µs`,
    limit: '≤ 1.0',
    reached: median(byRound) <= 1,
  }
}

/**
 * How fast it was, and what got lost.
 *
 * @param {string} what
 * @param {{ ours: readonly UnderLoad[], theirs: readonly UnderLoad[] }} readings
 * @param {string} peer
 * @param {number} wanted a second
 * @returns {import('./figure.mjs').Figure[]}
 */
export function lossFigures(what, { ours, theirs }, peer, wanted) {
  const rate = Math.min(...ours.map(({ aSecond }) => aSecond))
  const made = sum(ours, 'made')
  return [
    {
      name: `${what} a second, the slowest run`,
      hivetap: Math.round(rate).toLocaleString('en'),
      peer: `${peer} ${Math.round(Math.min(...theirs.map(({ aSecond }) => aSecond))).toLocaleString('en')}`,
      limit: wanted.toLocaleString('en'),
      // The last one begins a step before the time is up, and ends after it.
      reached: rate >= wanted * 0.99,
    },
    {
      name: `lost, of ${made.toLocaleString('en')}; lines that are missing`,
      hivetap: `${sum(ours, 'lost')}; ${sum(ours, 'missing')}`,
      peer: `${peer} ${sum(theirs, 'lost')}; ${sum(theirs, 'missing')}`,
      limit: '0',
      reached: sum(ours, 'lost') === 0 && sum(ours, 'missing') === 0,
    },
  ]
}

/** @param {readonly UnderLoad[]} readings @param {'made' | 'lost' | 'missing'} of */
function sum(readings, of) {
  return readings.reduce((all, reading) => all + reading[of], 0)
}
