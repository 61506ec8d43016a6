// @ts-check
import { compileStorm } from '../compile.mjs'
import { startHivetap } from '../hivetap.mjs'
import { cpuFigure, inTurns, lossFigures } from '../load.mjs'
import { startBpftrace } from '../peers.mjs'

export const title = 'tcpconnect under 20,000 connects a second'
export const about =
  'A program makes 100,000 connections on loopback, 20,000 a second; `hivetap tcpconnect` prints a line for each to a file, ' +
  'with the buffer it takes by itself. The peer is bpftrace with the same tracepoint and the same columns ' +
  '(`bench/connect-rate/tcpconnect.bt`), and buffers of 4 MiB a processor: libbpf-tools’ tcpconnect takes kprobes, which not ' +
  'every kernel has. Processor time, user and system, from when it is attached until all is written. Lost is what each says ' +
  'itself. In turns; the middle of five runs, the least and the most.'

const ROUNDS = 5
const CONNECTS = 100_000
const A_SECOND = 20_000

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const readings = await inTurns(
    {
      storm: [compileStorm(), String(CONNECTS), String(A_SECOND)],
      about: (line) => line.includes(' storm '),
    },
    ROUNDS,
    (stdout) => startHivetap(['tcpconnect', '--stats'], stdout),
    (stdout) => startBpftrace('connect-rate/tcpconnect.bt', stdout),
  )
  return [
    cpuFigure('CPU a connect', readings, 'bpftrace'),
    ...lossFigures('connects', readings, 'bpftrace', A_SECOND),
  ]
}
