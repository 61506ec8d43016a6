// @ts-check
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBpftrace } from '../bpftrace.mjs'
import { compileStorm, WORK } from '../compile.mjs'
import { median, ratios, spread } from '../figure.mjs'
import { startHivetap } from '../hivetap.mjs'
import { Program, wait } from '../program.mjs'

export const title = 'The whole tool, 50,000 connects'
export const about =
  'A program makes 50,000 connections on loopback, one after the other, as fast as it can; `hivetap tcpconnlat` prints a ' +
  'line for each to a file. The peer is bpftrace with the same tracepoint and the same columns ' +
  '(`bench/connects/tcpconnlat.bt`). Processor time is counted from when it is attached until all is written: starts are ' +
  'another figure. In turns; the middle of five runs, the least and the most.'

const ROUNDS = 5
const CONNECTS = 50_000

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const storm = compileStorm()
  /** @type {number[]} */
  const ours = []
  /** @type {number[]} */
  const theirs = []
  /** @type {number[]} */
  const peak = []
  /** @type {number[]} */
  const after = []
  for (let round = 0; round < ROUNDS; round++) {
    const { us, program } = await measure(storm, (stdout) => startHivetap([], stdout))
    ours.push(us)
    peak.push(program.peak)
    after.push(program.after)
    theirs.push((await measure(storm, startBpftrace)).us)
  }
  const byRound = ratios(ours, theirs)
  return [
    {
      name: 'CPU a connect',
      hivetap: `${spread(ours, 1)} µs: ${spread(byRound, 2)} of bpftrace’s`,
      peer: `bpftrace ${spread(theirs, 1)} µs`,
      limit: '≤ 1.0',
      reached: median(byRound) <= 1,
    },
    {
      name: 'resident, after the connects',
      hivetap: `${spread(after, 1)} MB`,
      limit: '≤ 80 MB',
      reached: Math.max(...after) <= 80,
    },
    {
      name: 'resident, the most there was',
      hivetap: `${spread(peak, 1)} MB`,
      limit: '≤ 80 MB',
      reached: Math.max(...peak) <= 80,
    },
  ]
}

/**
 * @param {string} stormProgram
 * @param {(stdout: number) => Promise<Program>} start
 */
async function measure(stormProgram, start) {
  const path = join(WORK, 'connects.txt')
  const file = openSync(path, 'w')
  try {
    const storm = new Program(stormProgram, [String(CONNECTS)])
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
    const program = { peak: tool.memoryMB('VmHWM'), after: tool.memoryMB('VmRSS') }
    await tool.end()
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.includes(' storm ')).length
    if (lines !== CONNECTS)
      throw new Error(`${tool.child.spawnargs.join(' ')} printed ${lines} lines of ${CONNECTS}`)
    return { us: (used / CONNECTS) * 1e6, program }
  } finally {
    closeSync(file)
  }
}
