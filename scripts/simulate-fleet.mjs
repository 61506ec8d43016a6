// @ts-check
/**
 * What the agents of a fleet would send, made up, with what may go wrong on the way; for trying `hivetap audit` and whatever else
 * reads the topic. The same options make the same records.
 *
 *   node scripts/simulate-fleet.mjs [options] > events.jsonl             # JSON lines; the truth as JSON on standard error
 *   node scripts/simulate-fleet.mjs [options] --brokers HOST:PORT,... --topic TOPIC
 *
 * What is made up:
 *   --seed N              1          another seed, another fleet
 *   --nodes N             3
 *   --epochs N            2          runs of the agent on each node, one after the other
 *   --events N            1000       of each run, about
 *   --minutes N           10         how long a run takes; it gives its account each minute
 *   --start TIME          2026-01-01T00:00:00Z
 *   --sink NAME           kafka      the sink that declares losses
 *   --destinations N      0          addresses that are connected to; 0: another each time
 *   --summaries                      nodes tell connects in summaries (docs/summaries.md); they make the same connects as without
 *   --every S             10         how long a window of theirs is
 *   --keep-over MS        1000       as slow or slower: told by itself, as what failed is
 * What goes wrong, each as the part of all cases in which it does (0 to 1):
 *   --duplicates PART                batches that are sent again
 *   --holes PART                     batches that lose events, and nobody says so
 *   --declared-losses PART           batches that lose events, and a record says so
 *   --reorder PART                   batches that are overtaken
 *   --cut PART                       runs that are killed; the next one says so
 * What it tells:
 *   --truth PATH                     where the truth is written, in place of standard error
 *
 * It takes the built code: npm run build.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { FLEET_DEFAULTS } from '../packages/hivetap/dist/simulation/fleet-options.js'
import { simulateFleet } from '../packages/hivetap/dist/simulation/simulate-fleet.js'
import { readArguments } from './arguments.mjs'

const text = /** @type {const} */ ({ type: 'string' })
const { values } = readArguments(import.meta.url, {
  options: {
    seed: text,
    nodes: text,
    epochs: text,
    events: text,
    minutes: text,
    start: text,
    sink: text,
    destinations: text,
    summaries: /** @type {const} */ ({ type: 'boolean' }),
    every: text,
    'keep-over': text,
    duplicates: text,
    holes: text,
    'declared-losses': text,
    reorder: text,
    cut: text,
    truth: text,
    brokers: text,
    topic: text,
  },
})

const fleet = simulateFleet({
  seed: whole('seed', values.seed, FLEET_DEFAULTS.seed),
  nodes: whole('nodes', values.nodes, FLEET_DEFAULTS.nodes),
  epochs: whole('epochs', values.epochs, FLEET_DEFAULTS.epochs),
  events: whole('events', values.events, FLEET_DEFAULTS.events),
  minutes: whole('minutes', values.minutes, FLEET_DEFAULTS.minutes),
  startMs: values.start === undefined ? FLEET_DEFAULTS.startMs : Date.parse(values.start),
  sink: values.sink ?? FLEET_DEFAULTS.sink,
  destinations: whole('destinations', values.destinations, FLEET_DEFAULTS.destinations),
  ...(values.summaries === true && { summaries: summaries() }),
  duplicates: part('duplicates', values.duplicates),
  holes: part('holes', values.holes),
  declaredLosses: part('declared-losses', values['declared-losses']),
  reorder: part('reorder', values.reorder),
  cut: part('cut', values.cut),
})

if (values.brokers === undefined) await toOutput()
else await toKafka(values.brokers.split(','), values.topic ?? '')
const truth = `${JSON.stringify(fleet.truth)}\n`
if (values.truth === undefined) process.stderr.write(truth)
else writeFileSync(values.truth, truth)

async function toOutput() {
  for (const { lines } of fleet.batches)
    if (!process.stdout.write(lines.join(''))) await once(process.stdout, 'drain')
}

/**
 * A batch goes to one partition, as the agent's do, and those of a node to all in turn: so they overtake each other.
 *
 * @param {readonly string[]} brokers
 * @param {string} topic
 */
async function toKafka(brokers, topic) {
  const { Producer } = await import('@platformatic/kafka')
  const producer = new Producer({
    clientId: 'hivetap-simulation',
    bootstrapBrokers: [...brokers],
    idempotent: false,
    retries: 3,
    autocreateTopics: false,
  })
  try {
    const metadata = await producer.metadata({ topics: [topic] })
    const partitions = metadata.topics.get(topic)?.partitionsCount ?? 1
    let turn = 0
    for (const { node, timeMs, lines } of fleet.batches) {
      const partition = turn++ % partitions
      const messages = lines.map((line) => ({
        topic,
        partition,
        key: Buffer.from(node),
        value: Buffer.from(line.trimEnd()),
        timestamp: BigInt(timeMs),
      }))
      if (messages.length > 0) await producer.send({ acks: -1, messages })
    }
  } finally {
    await producer.close()
  }
}

/** What an agent has by itself, where nothing else is asked for. */
function summaries() {
  const every = whole('every', values.every, 10)
  if (every < 1 || every > 3600) throw new Error(`--every is from 1 to 3600 seconds, not ${every}`)
  return {
    tools: ['tcpconnlat', 'tcpconnect'],
    everyMs: every * 1000,
    delayMs: 1000,
    keepOverMs: whole('keep-over', values['keep-over'], 1000),
    keepFailed: true,
    maxKeys: 10_000,
    examples: 3,
  }
}

/**
 * @param {string} name
 * @param {string | undefined} value
 * @param {number} otherwise
 */
function whole(name, value, otherwise) {
  if (value === undefined) return otherwise
  if (!/^\d{1,9}$/.test(value)) throw new Error(`--${name} is a whole number, not ${value}`)
  return Number(value)
}

/**
 * @param {string} name
 * @param {string | undefined} value
 */
function part(name, value) {
  const fraction = Number(value ?? 0)
  if (!(fraction >= 0 && fraction <= 1)) throw new Error(`--${name} is a part from 0 to 1, not ${value}`)
  return fraction
}
