// @ts-check
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileStorm, WORK } from '../compile.mjs'
import { quantile } from '../figure.mjs'
import { startHivetap } from '../hivetap.mjs'
import { Program, wait } from '../program.mjs'

export const title = 'From the event to its line'
export const about =
  'A program makes 1,000 connections a second for 20 s and writes down when each connect(2) returned, by the monotonic ' +
  'clock; this program notes when the line about it came out of the pipe. The time between the two, the reader’s own ' +
  'waking included.'

const CONNECTS = 20_000
const A_SECOND = 1_000

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const times = join(WORK, 'connect-times.txt')
  const storm = new Program(compileStorm(), [String(CONNECTS), String(A_SECOND), times])
  await storm.until(() => storm.stdout.includes('ready'), 'it was ready')
  const tool = await startHivetap(['tcpconnlat', '-L', '-p', String(storm.pid)])
  /** @type {{ port: number, at: bigint }[]} */
  const lines = []
  let rest = ''
  tool.child.stdout?.on('data', (text) => {
    const at = process.hrtime.bigint()
    const [last = '', ...whole] = `${rest}${text}`.split('\n').toReversed()
    rest = last
    for (const line of whole.reverse()) {
      const port = Number(line.trim().split(/\s+/)[4])
      if (port > 0) lines.push({ port, at })
    }
  })
  storm.begin()
  await storm.ended()
  await wait(500)
  await tool.end()
  const made = readFileSync(times, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  if (lines.length !== CONNECTS || made.length !== CONNECTS)
    throw new Error(`${lines.length} lines of ${made.length} connects`)
  const waited = made.map(([port = '', at = ''], index) => {
    const line = lines[index]
    if (line?.port !== Number(port)) throw new Error(`line ${index} is of port ${line?.port}, not ${port}`)
    return Number(line.at - BigInt(at)) / 1e6
  })
  const p99 = quantile(waited, 0.99)
  return [
    {
      name: 'event to line on a pipe, p99',
      hivetap: `${p99.toFixed(2)} ms (p50 ${quantile(waited, 0.5).toFixed(2)}, most ${Math.max(...waited).toFixed(2)})`,
      limit: '≤ 10 ms',
      reached: p99 <= 10,
    },
  ]
}
