// @ts-check
/**
 * Runs the agent for long, under steady load, with a broker that is stopped again and again: `npm run soak`.
 *
 *   --minutes N    2    for how long
 *   --kafka             fail where there is no Java or Maven; without, Kafka is left out there
 *
 * It fails if the memory that the agent has in use grows, if it leaves descriptors open, or if `hivetap audit` does not prove what
 * it delivered. It takes root, and traces only the user that the load runs as.
 */
import { spawnSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startBroker } from '../bench/kafka/broker.mjs'
import { Program, wait } from '../bench/program.mjs'
import { readArguments } from '../scripts/arguments.mjs'
import { ROOT } from '../scripts/root.mjs'
import { judge, sampleOf } from './samples.mjs'

const COLLECT_WHEN_ASKED = new URL('collect-when-asked.mjs', import.meta.url).href
const HIVETAP = join(ROOT, 'packages/hivetap/bin/hivetap.js')
const TOPIC = 'soak'
/** Whom the load runs as. */
const USER = 10061
const SAMPLE_EVERY_MS = 2000
/** How often the agent is made to collect what is not in use: rarely in a long run, which is to be as on a host. */
const COLLECTIONS = 16
const COLLECTED_AFTER_MS = 500
/**
 * As its unit has it, but that new space never shrinks either: V8 halves it when little is to be done and doubles it again, which is
 * more memory than any leak that two minutes show.
 */
const NEW_SPACE = ['--min-semi-space-size=8', '--max-semi-space-size=8']
const OUTAGE_EVERY_MS = 30_000
const OUTAGE_MS = 10_000
/** For what is in the spool to reach the broker, and for closed connections to be gone. */
const REST_MS = 10_000

const { values } = readArguments(import.meta.url, {
  options: { minutes: { type: 'string', default: '2' }, kafka: { type: 'boolean', default: false } },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: expected a number above 0`)

const hasKafka = ['java', 'mvn'].every((command) => spawnSync(command, ['-version']).status === 0)
if (values.kafka && !hasKafka) throw new Error('--kafka: it takes java and mvn, which are not both here')

const directory = mkdtempSync(join(tmpdir(), 'hivetap-soak-'))
const output = join(directory, 'events.jsonl')
const cluster = hasKafka ? await startBroker() : undefined
/** @type {Program[]} */
const programs = []
try {
  await cluster?.createTopic(TOPIC, { partitions: 3 })
  process.exitCode = (await soak()) ? 0 : 1
} finally {
  for (const { child } of programs) if (child.exitCode === null) child.kill('SIGKILL')
  await cluster?.close()
  rmSync(directory, { recursive: true })
}

/** @returns {Promise<boolean>} whether all is well */
async function soak() {
  const agent = start([
    ...NEW_SPACE,
    '--import',
    COLLECT_WHEN_ASKED,
    HIVETAP,
    'agent',
    '--config',
    configure(),
  ])
  await agent.until(() => agent.stderr.includes('"recording"'), 'it was attached')
  const load = start(
    [join(ROOT, 'soak/load.mjs')],
    ['setpriv', '--reuid', String(USER), '--regid', String(USER), '--clear-groups'],
  )
  const samples = await watch(agent)
  load.begin()
  await load.ended()
  await wait(REST_MS)
  samples.push(await collectedSample(agent, () => minutes * 60_000 + REST_MS))
  await agent.end('SIGTERM')

  const { rows, faults } = judge(samples)
  const made = load.result()
  const told = await connectsIn(output)
  const lost = lostOf(agent.stderr)
  rows['connects made, told, lost'] = `${made['connects']}, ${told}, ${lost}`
  // The audit is of what the agent saw; whether it saw all, only who made it knows. Delivered twice, or by another run beside, it
  // may be more.
  if (!(told + lost >= (made['connects'] ?? 0)))
    faults.push(`${made['connects']} connects were made, ${told} told, and ${lost} declared as lost`)
  rows['execs made'] = made['execs'] ?? 0
  audit('file', ['--file', output], rows, faults)
  if (cluster !== undefined)
    audit('Kafka', ['--brokers', cluster.brokers.join(), '--topic', TOPIC], rows, faults)
  for (const line of agent.stderr.split('\n').filter((each) => each.includes('ledger'))) say(line)
  say('')
  for (const [name, value] of Object.entries(rows)) say(`${name.padEnd(36)}${value}`)
  for (const fault of faults) say(`FAILED: ${fault}`)
  if (faults.length === 0) say('All is well.')
  return faults.length === 0
}

/** Writes the agent's configuration, and gives its path. */
function configure() {
  const kafka = cluster && { type: 'kafka', brokers: cluster.brokers, topic: TOPIC }
  // One file, whole: it is audited at the end.
  const file = { type: 'file', path: output, max_bytes: '1TiB' }
  const config = {
    tools: [{ name: 'tcpconnlat', options: { failed: true } }, 'execsnoop', 'exitsnoop'],
    filters: { uid: USER },
    spool: { dir: join(directory, 'spool') },
    sinks: kafka ? [file, kafka] : [file],
    account_interval: '10s',
    shutdown_timeout: '60s',
  }
  const path = join(directory, 'hivetap.yaml')
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config))
  return path
}

/** Samples the agent, and stops the broker now and then, until the time is over. @param {Program} agent */
async function watch(agent) {
  const began = Date.now()
  const endMs = minutes * 60_000
  /** @type {import('./samples.mjs').Sample[]} */
  const samples = []
  let outageMs = OUTAGE_EVERY_MS / 2
  let outage = Promise.resolve()
  let collectionMs = 0
  for (let atMs = 0; atMs < endMs; atMs = Date.now() - began) {
    const sample = sampleOf(agent.pid, atMs, false)
    samples.push(sample)
    if (samples.length % 5 === 1) tellProgress(sample)
    if (atMs >= collectionMs) {
      collectionMs += endMs / COLLECTIONS
      samples.push(await collectedSample(agent, () => Date.now() - began))
    }
    if (atMs >= outageMs) {
      outageMs += OUTAGE_EVERY_MS
      outage = outage.then(() => stopForAWhile())
    }
    await wait(SAMPLE_EVERY_MS)
  }
  await outage
  return samples
}

/** @param {Program} agent @param {() => number} atMs since the beginning */
async function collectedSample(agent, atMs) {
  agent.child.kill('SIGUSR2')
  await wait(COLLECTED_AFTER_MS)
  return sampleOf(agent.pid, atMs(), true)
}

async function stopForAWhile() {
  if (cluster === undefined) return
  say('the broker is stopped')
  await cluster.stop(0)
  await wait(OUTAGE_MS)
  await cluster.restart(0)
  say('the broker is back')
}

/** @param {import('./samples.mjs').Sample} sample */
function tellProgress({ atMs, rssMB, fds, threads }) {
  say(`${Math.round(atMs / 1000)} s: ${rssMB.toFixed(1)} MB resident, ${fds} descriptors, ${threads} threads`)
}

/** @param {string} name @param {readonly string[]} args @param {Record<string, string | number>} rows @param {string[]} faults */
function audit(name, args, rows, faults) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [HIVETAP, 'audit', ...args], {
    encoding: 'utf8',
  })
  rows[`audit of the ${name}`] = status === 0 ? 'proven' : `exit status ${status}`
  if (status !== 0) faults.push(`the audit of the ${name} does not prove it:\n${stdout}${stderr}`)
}

/** What the agent's ledger says that the kernel had no room for. @param {string} log */
function lostOf(log) {
  return Number(/ledger: \d+ connects: .* (\d+) lost/.exec(log)?.[1])
}

/** @param {string} file */
async function connectsIn(file) {
  let count = 0
  for await (const line of createInterface({ input: createReadStream(file) }))
    if (line.includes('"tool":"tcpconnlat"') && JSON.parse(line).record === undefined) count++
  return count
}

/** @param {readonly string[]} args of node @param {readonly string[]} [prefix] */
function start(args, prefix = []) {
  const [command = '', ...rest] = [...prefix, process.execPath, ...args]
  const program = new Program(command, rest)
  programs.push(program)
  return program
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`)
}
