// @ts-check
import { execFileSync } from 'node:child_process'
import { median, spread } from '../figure.mjs'
import { startHivetap } from '../hivetap.mjs'

export const title = 'Start'
export const about =
  'From the start of the process until `hivetap tcpconnlat -v` says that it is attached: Node, the bundle, the kernel’s BTF, ' +
  'relocation, the verifier. In turns with a Node that does nothing (`node -e 0`), which tells how fast the machine was just ' +
  'then. The middle of 21 runs, the least and the most.'

const RUNS = 21

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  /** @type {number[]} */
  const times = []
  /** @type {number[]} */
  const nodes = []
  for (let run = 0; run < RUNS; run++) {
    const before = performance.now()
    const tool = await startHivetap([], 'ignore')
    times.push(performance.now() - before)
    await tool.end()
    const beforeNode = performance.now()
    execFileSync(process.execPath, ['-e', '0'])
    nodes.push(performance.now() - beforeNode)
  }
  return [
    {
      name: 'start to attached',
      hivetap: `${spread(times, 0)} ms`,
      peer: `Node alone, to its end: ${spread(nodes, 0)} ms`,
      limit: '≤ 250 ms',
      reached: median(times) <= 250,
    },
  ]
}
