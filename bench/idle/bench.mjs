// @ts-check
import { allTools, startHivetap } from '../hivetap.mjs'
import { wait } from '../program.mjs'

export const title = 'At rest'
export const about =
  'A minute of `hivetap tcpconnlat`, and one of all tools in one process (`hivetap trace … -o json`, the names from ' +
  '`hivetap list`), on a host where hardly anybody connects or starts anything, from 5 s after the start.'

const SETTLES_MS = 5_000
const SECONDS = 60

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  return [...(await atRest('tcpconnlat', ['tcpconnlat'], 80)), ...(await atRest('all tools', allTools(), 90))]
}

/**
 * @param {string} what
 * @param {readonly [string, ...string[]]} args
 * @param {number} limitMB
 */
async function atRest(what, args, limitMB) {
  const tool = await startHivetap(args, 'ignore')
  await wait(SETTLES_MS)
  const before = tool.cpuSeconds
  await wait(SECONDS * 1000)
  const part = ((tool.cpuSeconds - before) / SECONDS) * 100
  const resident = tool.memoryMB('VmRSS')
  await tool.end()
  return [
    { name: `${what}: CPU`, hivetap: `${part.toFixed(3)} %`, limit: '≤ 0.1 %', reached: part <= 0.1 },
    {
      name: `${what}: resident`,
      hivetap: `${resident.toFixed(1)} MB`,
      limit: `≤ ${limitMB} MB`,
      reached: resident <= limitMB,
    },
  ]
}
