// @ts-check
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { WORK } from '../compile.mjs'
import { COMMAND } from '../hivetap.mjs'
import { Program, wait } from '../program.mjs'
import { memoryOf, mostMemory } from './memory.mjs'
import { namesTold } from './names-told.mjs'
import { startCluster } from './start-cluster.mjs'
import { startVisits } from './visits.mjs'

export const title = 'The agent in a cluster of 10,000 pods'
export const about =
  'A test’s API server, over TLS, has 10,000 pods (9 to 14 kB each as JSON), 110 of them on the node, 1,000 Services with as many ' +
  'EndpointSlices, which have all pods as backends, and 1,000 nodes of 10 kB. `hivetap agent --tool tcpconnlat` follows it as one does ' +
  'on a node, with a spool on disk or in memory and a file as sink. 100 connects a second are made to pods all over the cluster, in a network ' +
  'of their own. It lists; then 500 pods a second are replaced for a minute, each by one with another name and address; then all watches ' +
  'are cut, the server has forgotten where they were (410), and everything is listed anew. Resident is VmRSS, with the files that it shares ' +
  'with other processes of Node; Pss counts those in parts. A backend that has just come has no Service for half a minute, and a pod ' +
  'that nobody has told of yet has no name: left out, and never wrong.'

const SETTLES_MS = 10_000
const CHURN_MS = 60_000
const PODS_A_SECOND = 500
const LIMIT_MB = 120
/** Of pods, Services, EndpointSlices and nodes. */
const WATCHES = 4
/** As the image has it. */
const ENVIRONMENT = { NODE_OPTIONS: '--max-semi-space-size=2', MALLOC_ARENA_MAX: '1' }

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  return [...(await inCluster('spool on disk', true)), ...(await inCluster('spool in memory', false))]
}

/** @param {string} what @param {boolean} isOnDisk @returns {Promise<import('../figure.mjs').Figure[]>} */
async function inCluster(what, isOnDisk) {
  mkdirSync(WORK, { recursive: true })
  const directory = mkdtempSync(join(WORK, 'cluster-memory-'))
  const { cluster, ...access } = await startCluster(directory)
  const visits = await startVisits(() => cluster.addresses)
  const output = join(directory, 'events.jsonl')
  try {
    const agent = startAgent(visits.pid, access, output, isOnDisk ? join(directory, 'spool') : undefined)
    await agent.until(
      () => cluster.server.underWay === WATCHES && agent.stderr.includes('sink is up'),
      'it had listed',
    )
    visits.begin()
    const figures = await measure(what, agent, cluster)
    const made = await visits.end()
    await wait(1000)
    await agent.end('SIGTERM')
    return [...figures, namesFigure(what, made, namesTold(output, cluster.owners), agent.stderr)]
  } finally {
    await cluster.server.close()
    rmSync(directory, { recursive: true })
  }
}

/**
 * As a DaemonSet's pod would be started, but for the kubeconfig.
 *
 * @param {number} pid whose connects it tells: others of this machine count for nothing
 * @param {{ kubeconfig: string, node: string }} access
 * @param {string} output
 * @param {string | undefined} spool
 */
function startAgent(pid, { kubeconfig, node }, output, spool) {
  const args = [
    ...[COMMAND, 'agent', '--tool', 'tcpconnlat', '--node', node, '--kubernetes-kubeconfig', kubeconfig],
    ...['--pid', String(pid), '--sink', 'file', '--file-path', output, '--log-format', 'json'],
    ...(spool === undefined ? [] : ['--spool-dir', spool]),
  ]
  return new Program(process.execPath, args, { env: ENVIRONMENT })
}

/**
 * @param {string} what
 * @param {Program} agent
 * @param {import('./large-cluster.js').LargeCluster} cluster
 * @returns {Promise<import('../figure.mjs').Figure[]>}
 */
async function measure(what, agent, cluster) {
  const { server } = cluster
  await wait(SETTLES_MS)
  const listed = memoryOf(agent)
  const churning = new AbortController()
  const churn = cluster.churn(PODS_A_SECOND, churning.signal)
  const inChurn = await mostMemory(agent, wait(CHURN_MS))
  churning.abort()
  await churn
  await wait(SETTLES_MS)
  const after = memoryOf(agent)
  const lists = () => server.asked.filter(({ verb }) => verb === 'list').length
  const before = lists()
  cluster.forget()
  const isAnew = () => lists() >= before + WATCHES && server.underWay === WATCHES
  const relisting = await mostMemory(
    agent,
    agent.until(isAnew, 'it had listed anew').then(() => wait(SETTLES_MS)),
  )
  // The kernel writes it down now and then: it may be a little behind.
  const mostResident = Math.max(agent.memoryMB('VmHWM'), inChurn.resident, relisting.resident)
  return [
    memoryFigure(`${what}: after the list`, listed),
    memoryFigure(`most while ${cluster.replaced.toLocaleString('en')} pods were replaced`, inChurn),
    memoryFigure('10 s later', after),
    memoryFigure('most while all was listed anew', relisting),
    {
      name: `${what}: the most there ever was`,
      hivetap: `${mostResident.toFixed(1)} MB`,
      limit: `≤ ${LIMIT_MB} MB`,
      reached: mostResident <= LIMIT_MB,
    },
  ]
}

/** @param {string} name @param {import('./memory.mjs').Memory} memory @returns {import('../figure.mjs').Figure} */
function memoryFigure(name, { resident, proportional }) {
  return {
    name,
    hivetap: `${resident.toFixed(1)} MB resident, ${proportional.toFixed(1)} MB Pss`,
    limit: `≤ ${LIMIT_MB} MB`,
    reached: resident <= LIMIT_MB,
  }
}

/**
 * @param {string} what
 * @param {number} made connects
 * @param {ReturnType<typeof namesTold>} told
 * @param {string} log of the agent
 * @returns {import('../figure.mjs').Figure}
 */
function namesFigure(what, made, { events, named, wrong }, log) {
  const isWhole = events === made && log.includes('all was delivered')
  return {
    name: `${what}: told, of ${made.toLocaleString('en')} connects; with the pod’s name; with a wrong one`,
    hivetap: `${events.toLocaleString('en')}; ${named.toLocaleString('en')}; ${wrong}`,
    limit: 'all; ; 0',
    reached: isWhole && wrong === 0,
  }
}
