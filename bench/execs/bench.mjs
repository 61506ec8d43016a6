// @ts-check
import { compile } from '../compile.mjs'
import { startHivetap } from '../hivetap.mjs'
import { cpuFigure, inTurns, lossFigures } from '../load.mjs'
import { startLibbpfTool } from '../peers.mjs'

export const title = 'execsnoop under 3,000 execs a second'
export const about =
  'A program starts the least program there is (`bench/execs/ends.c`) with five arguments, 30,000 times, 3,000 a second; ' +
  '`hivetap execsnoop` prints a line for each to a file, with the buffer it takes by itself. The peer is `execsnoop` of ' +
  'libbpf-tools, with the same columns; it follows the system calls’ tracepoints. Processor time, user and system, from when ' +
  'it is attached until all is written. Lost is what each says itself. In turns; the middle of five runs, the least and the ' +
  'most.'

const ROUNDS = 5
const EXECS = 30_000
const A_SECOND = 3_000

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const storm = compile('execs/storm.c')
  const ends = compile('execs/ends.c', ['-nostdlib', '-static'])
  const readings = await inTurns(
    { storm: [storm, ends, String(EXECS), String(A_SECOND)], about: (line) => line.startsWith('ends ') },
    ROUNDS,
    (stdout) => startHivetap(['execsnoop', '--stats'], stdout),
    (stdout) => startLibbpfTool('execsnoop', stdout),
  )
  return [
    cpuFigure('CPU an exec', readings, 'libbpf-tools'),
    ...lossFigures('execs', readings, 'libbpf-tools', A_SECOND),
  ]
}
