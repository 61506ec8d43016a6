// @ts-check
/**
 * Asks the questions of sql/questions of a topic, on a session cluster of Flink on this machine that lives as long as this command.
 *
 *   node analysis/flink/run.mjs --brokers HOST:PORT,… --topic hivetap.events [options]
 *
 *   --questions NAME,…        windows, slow_destinations, gaps, late, unreadable (all)
 *   --results PREFIX          topics of results are PREFIX.windows, PREFIX.alerts, … (hivetap); they have to be there
 *   --from PLACE              latest, or earliest (latest)
 *   --until-end               ends where the topic ended when it began
 *   --window MIN --slide MIN  how long a window is, and how far the next is from it (5, 1)
 *   --lateness S              by how much an event may be late (30)
 *   --over-us N               from how many microseconds on a connect is slow (100000)
 *   --least-connects N        how many a minute has to have to be judged (20)
 *   --remember TIME           how long it is remembered which events were there, as Flink writes it (1 h)
 *   --parallelism N           (1)
 *   --state hashmap|rocksdb   where state is: in memory, or on disk (hashmap)
 *   --kafka-properties FILE   options of Kafka's clients, NAME=VALUE a line: TLS, SASL
 *   --print                   only writes the SQL, for a cluster that is there already
 *
 * What goes on is told on stderr. Ctrl-C ends the job and the cluster, and leaves nothing behind but the results.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readArguments } from '../../scripts/arguments.mjs'
import { QUESTIONS, SETTINGS, script } from './script.mjs'
import { SessionCluster } from './session-cluster.mjs'

const PROGRESS_MS = 5000

const string = /** @type {const} */ ({ type: 'string' })
const boolean = /** @type {const} */ ({ type: 'boolean' })
const { values } = readArguments(import.meta.url, {
  options: {
    brokers: string,
    topic: string,
    questions: string,
    results: string,
    from: string,
    'until-end': boolean,
    window: string,
    slide: string,
    lateness: string,
    'over-us': string,
    'least-connects': string,
    remember: string,
    parallelism: string,
    state: string,
    'kafka-properties': string,
    print: boolean,
  },
})

const stop = new AbortController()
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.on(signal, () => {
    if (!stop.signal.aborted) say('ending')
    stop.abort()
  })

try {
  const sql = script(settings(), values.questions?.split(',') ?? QUESTIONS)
  if (values.print === true) process.stdout.write(sql)
  else await run(sql)
} catch (error) {
  if (!stop.signal.aborted) {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}

/** @param {string} sql */
async function run(sql) {
  const cluster = await SessionCluster.start(
    { slots: settings().parallelism, state: stateKind(), say },
    stop.signal,
  )
  try {
    const job = await cluster.submit(sql, stop.signal)
    say(`the job runs: ${job}`)
    await follow(cluster, job)
  } finally {
    await cluster.close()
    say('ended, and nothing of it is left but the results')
  }
}

/**
 * Tells how far it is, until it ends.
 *
 * @param {SessionCluster} cluster
 * @param {string} job
 */
async function follow(cluster, job) {
  for (;;) {
    await sleep(PROGRESS_MS, undefined, { signal: stop.signal }).catch(() => {})
    if (stop.signal.aborted) return cluster.api.cancel(job)
    if (cluster.taskManagers.length === 0) await cluster.startTaskManager(stop.signal)
    const reading = await cluster.api.job(job).catch(() => undefined)
    if (reading === undefined) continue
    const { state, read, written, watermark, restarts } = reading
    const time = watermark > 0 ? `, told up to ${new Date(watermark).toISOString()}` : ''
    const again = restarts === 0 ? '' : `; started again ${restarts} times`
    say(`${state.toLowerCase()}: ${read} records read, ${written} results${time}${again}`)
    if (state === 'FINISHED') return
    if (state === 'FAILED' || state === 'CANCELED')
      throw new Error(`The job is ${state.toLowerCase()}: ${(await cluster.api.failure(job)).slice(0, 2000)}`)
  }
}

/** @returns {Partial<typeof SETTINGS> & { parallelism: number }} */
function settings() {
  const from = values.from ?? 'latest'
  if (from !== 'latest' && from !== 'earliest') throw new Error(`--from is latest or earliest, not ${from}.`)
  return {
    brokers: values.brokers ?? '',
    topic: values.topic ?? SETTINGS.topic,
    results: values.results ?? SETTINGS.results,
    from: `${from}-offset`,
    untilEnd: values['until-end'] ?? false,
    window: whole('window', SETTINGS.window),
    slide: whole('slide', SETTINGS.slide),
    lateness: whole('lateness', SETTINGS.lateness),
    overUs: whole('over-us', SETTINGS.overUs),
    leastConnects: whole('least-connects', SETTINGS.leastConnects),
    remember: values.remember ?? SETTINGS.remember,
    parallelism: whole('parallelism', SETTINGS.parallelism),
    kafka: kafkaProperties(),
  }
}

function stateKind() {
  const state = values.state ?? 'hashmap'
  if (state !== 'hashmap' && state !== 'rocksdb')
    throw new Error(`--state is hashmap or rocksdb, not ${state}.`)
  return state
}

function kafkaProperties() {
  const file = values['kafka-properties']
  if (file === undefined) return {}
  const lines = readFileSync(file, 'utf8').split('\n')
  return Object.fromEntries(
    lines
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const equals = line.indexOf('=')
        if (equals < 1) throw new Error(`${file} has a line that is not NAME=VALUE.`)
        return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()]
      }),
  )
}

/**
 * @param {'window' | 'slide' | 'lateness' | 'over-us' | 'least-connects' | 'parallelism'} name
 * @param {number} otherwise
 */
function whole(name, otherwise) {
  const value = values[name]
  if (value === undefined) return otherwise
  if (!/^\d{1,9}$/.test(value)) throw new Error(`--${name} is a whole number, not ${value}.`)
  return Number(value)
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`flink: ${line}\n`)
}
