// @ts-check
import { compileStorm } from '../compile.mjs'
import { spread } from '../figure.mjs'
import { startHivetap } from '../hivetap.mjs'
import { cpuFigure, inTurns } from '../load.mjs'
import { startBpftrace } from '../peers.mjs'

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
  const readings = await inTurns(
    { storm: [compileStorm(), String(CONNECTS)], about: (line) => line.includes(' storm ') },
    ROUNDS,
    (stdout) => startHivetap(['tcpconnlat'], stdout),
    (stdout) => startBpftrace('connects/tcpconnlat.bt', stdout),
  )
  for (const [tool, all] of Object.entries(readings))
    for (const { missing } of all)
      if (missing !== 0) throw new Error(`${tool}: ${missing} lines of ${CONNECTS} are missing`)
  const peak = readings.ours.map((reading) => reading.peak)
  const after = readings.ours.map((reading) => reading.after)
  return [
    cpuFigure('CPU a connect', readings, 'bpftrace'),
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
