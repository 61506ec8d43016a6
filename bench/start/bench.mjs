// @ts-check
import { execFileSync } from 'node:child_process'
import { median, spread } from '../figure.mjs'
import { allTools, startHivetap } from '../hivetap.mjs'

export const title = 'Start'
export const about =
  'From the start of the process until `hivetap tcpconnlat -v`, or all tools in one process (`hivetap trace … -o json -v`, the ' +
  'names from `hivetap list`), says that it is attached: Node, the bundle, the kernel’s BTF, relocation, the verifier. In ' +
  'turns with a Node that does nothing (`node -e 0`), which tells how fast the machine was just then. The middle of 21 runs, ' +
  'the least and the most.'

const RUNS = 21

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const all = allTools()
  /** @type {number[]} */
  const oneTool = []
  /** @type {number[]} */
  const tools = []
  /** @type {number[]} */
  const nodes = []
  for (let run = 0; run < RUNS; run++) {
    oneTool.push(await timeToAttached(['tcpconnlat']))
    tools.push(await timeToAttached(all))
    const before = performance.now()
    execFileSync(process.execPath, ['-e', '0'])
    nodes.push(performance.now() - before)
  }
  return [startFigure('tcpconnlat', oneTool, nodes, 250), startFigure('all tools', tools, nodes, 300)]
}

/** @param {readonly [string, ...string[]]} args */
async function timeToAttached(args) {
  const before = performance.now()
  const tool = await startHivetap(args, 'ignore')
  const time = performance.now() - before
  await tool.end()
  return time
}

/**
 * @param {string} what
 * @param {readonly number[]} times
 * @param {readonly number[]} nodes
 * @param {number} limitMs
 * @returns {import('../figure.mjs').Figure}
 */
function startFigure(what, times, nodes, limitMs) {
  return {
    name: `${what}: start to attached`,
    hivetap: `${spread(times, 0)} ms`,
    peer: `Node alone, to its end: ${spread(nodes, 0)} ms`,
    limit: `≤ ${limitMs} ms`,
    reached: median(times) <= limitMs,
  }
}
