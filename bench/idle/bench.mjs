// @ts-check
import { startHivetap } from '../hivetap.mjs'
import { wait } from '../program.mjs'

export const title = 'At rest'
export const about =
  'A minute of `hivetap tcpconnlat` on a host where hardly anybody connects, from 5 s after its start.'

const SETTLES_MS = 5_000
const SECONDS = 60

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const tool = await startHivetap([], 'ignore')
  await wait(SETTLES_MS)
  const before = tool.cpuSeconds
  await wait(SECONDS * 1000)
  const part = ((tool.cpuSeconds - before) / SECONDS) * 100
  const resident = tool.memoryMB('VmRSS')
  await tool.end()
  return [
    { name: 'CPU', hivetap: `${part.toFixed(3)} %`, limit: '≤ 0.1 %', reached: part <= 0.1 },
    {
      name: 'resident',
      hivetap: `${resident.toFixed(1)} MB`,
      limit: '≤ 80 MB',
      reached: resident <= 80,
    },
  ]
}
