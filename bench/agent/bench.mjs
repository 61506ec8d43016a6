// @ts-check
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { compileStorm, WORK } from '../compile.mjs'
import { COMMAND } from '../hivetap.mjs'
import { startBroker } from '../kafka/broker.mjs'
import { Program, wait } from '../program.mjs'

export const title = 'hivetap agent at 1,000 events a second'
export const about =
  'A program makes 1,000 connections a second on loopback; `hivetap agent --tool tcpconnect`, started as its systemd unit ' +
  'starts it, keeps each in a spool on disk and delivers it to a topic of four partitions on a broker on the same machine. Processor time of ' +
  'the whole process, user and system, over a minute that begins 10 s after the load; its resident memory at the end of it, and the ' +
  'most it ever had. Lost is what its ledger says. The load average is of the machine over that minute: where it is above the number ' +
  'of processors, caches are cold and every figure is higher.'

const A_SECOND = 1000
const SETTLES_SECONDS = 10
const SECONDS = 60
const TOPIC = 'bench-agent'
/** As deploy/systemd/hivetap.service starts it. */
const NODE_OPTIONS = '--max-semi-space-size=8'

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const storm = compileStorm()
  const cluster = await startBroker()
  const spool = mkdtempSync(join(WORK, 'spool-'))
  try {
    await cluster.createTopic(TOPIC, { partitions: 4 })
    return figures(await measure(storm, cluster.brokers, spool))
  } finally {
    rmSync(spool, { recursive: true })
    await cluster.close()
  }
}

/** @typedef {{ share: number, residentMB: number, peakMB: number, made: number, told: number, lost: number, load: number }} Reading */

/** @param {Reading} reading @returns {import('../figure.mjs').Figure[]} */
function figures({ share, residentMB, peakMB, made, told, lost, load }) {
  return [
    {
      name: 'share of a processor',
      hivetap: `${share.toFixed(2)} % (load average ${load.toFixed(1)})`,
      limit: '≤ 3 %',
      reached: share <= 3,
    },
    {
      name: 'resident',
      hivetap: `${residentMB.toFixed(1)} MB (at most ${peakMB.toFixed(1)})`,
      limit: '≤ 120 MB',
      reached: residentMB <= 120,
    },
    {
      name: `delivered, of ${made.toLocaleString('en')}`,
      hivetap: `${told.toLocaleString('en')}, ${lost} lost`,
      limit: 'all',
      reached: told === made && lost === 0,
    },
  ]
}

/**
 * @param {string} stormProgram
 * @param {readonly string[]} brokers
 * @param {string} spool
 * @returns {Promise<Reading>}
 */
async function measure(stormProgram, brokers, spool) {
  const made = (SETTLES_SECONDS + SECONDS + 2) * A_SECOND
  const storm = new Program(stormProgram, [String(made), String(A_SECOND)])
  const args = [
    ...[COMMAND, 'agent', '--tool', 'tcpconnect', '--pid', String(storm.pid), '--spool-dir', spool],
    ...['--kafka-brokers', brokers.join(), '--kafka-topic', TOPIC, '--log-format', 'json'],
  ]
  const agent = new Program(process.execPath, args, { env: { NODE_OPTIONS } })
  await agent.until(() => agent.stderr.includes('sink is up'), 'its sink was up')
  await storm.until(() => storm.stdout.includes('ready'), 'it was ready')
  storm.begin()
  await wait(SETTLES_SECONDS * 1000)
  const [cpu, begin] = [agent.cpuSeconds, performance.now()]
  await wait(SECONDS * 1000)
  const share = ((agent.cpuSeconds - cpu) / (performance.now() - begin)) * 1e5
  const [residentMB, peakMB] = [agent.memoryMB('VmRSS'), agent.memoryMB('VmHWM')]
  const [load = Number.NaN] = loadavg()
  await storm.ended()
  await agent.end('SIGTERM')
  const [, told = '', lost = ''] = /ledger: \d+ connects: (\d+) told, .* (\d+) lost/.exec(agent.stderr) ?? []
  if (!agent.stderr.includes('all was delivered')) throw new Error(`not all was delivered: ${agent.stderr}`)
  return { share, residentMB, peakMB, made, told: Number(told), lost: Number(lost), load }
}
