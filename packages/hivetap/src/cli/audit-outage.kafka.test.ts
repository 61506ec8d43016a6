import { Producer } from '@platformatic/kafka'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Hivetap } from '../../../../test/support/hivetap.js'
import { PATIENCE_MS } from '../../../../test/support/kafka/agent-to-topic.js'
import { type KafkaCluster, startCluster } from '../../../../test/support/kafka/cluster.js'
import { simulateFleet } from '../simulation/simulate-fleet.js'

const TOPIC = 'audited'
const PARTITIONS = 3
/** What of the topic was sent to the audit before anything happens: more than one answer of each leader, and not all. */
const MEANWHILE_BYTES = 10 << 20

let cluster: KafkaCluster
let produced = 0
const runs: Hivetap[] = []

beforeAll(async () => {
  cluster = await startCluster({ nodes: 3, proxied: true })
  await cluster.createTopic(TOPIC, { partitions: PARTITIONS, configs: { 'retention.ms': '-1' } })
  const { batches, truth } = simulateFleet({ nodes: 4, epochs: 1, events: 15_000 })
  const bootstrapBrokers = cluster.internalBrokers
  const producer = new Producer({ clientId: 'test', bootstrapBrokers, idempotent: false })
  let turn = 0
  for (const { lines, timeMs } of batches) {
    const partition = turn++ % PARTITIONS
    const messages = lines.map((line) => ({
      ...{ topic: TOPIC, partition, timestamp: BigInt(timeMs) },
      value: Buffer.from(line.trimEnd()),
    }))
    if (messages.length > 0) await producer.send({ acks: -1, messages })
  }
  await producer.close()
  // It is made up as the batches are.
  produced = truth.reduce((sum, epoch) => sum + epoch.produced, 0)
})
afterEach(async () => {
  await Promise.all(runs.splice(0).map((run) => run.kill()))
  cluster.setProxies({ kind: 'none' })
})
afterAll(() => cluster.close())

/** An audit that is reading: its way to the brokers is slow, so that it has not read all. */
async function reading(): Promise<Hivetap> {
  cluster.setProxies({ kind: 'delay', milliseconds: 300 })
  const answered = () => cluster.proxies.reduce((sum, { bytesAnswered }) => sum + bytesAnswered, 0)
  const before = answered()
  const run = new Hivetap(['audit', '--brokers', cluster.brokers.join(','), '--topic', TOPIC, '-o', 'json'])
  runs.push(run)
  await run.until(() => answered() - before > MEANWHILE_BYTES, 'a part to be read', PATIENCE_MS)
  expect(run.hasEnded).toBe(false)
  return run
}

it('goes on with the next leader when one is killed while it reads', { timeout: 240_000 }, async () => {
  const run = await reading()
  const [leader = -1] = await cluster.leaders(TOPIC)
  await cluster.kill(leader)
  try {
    expect(await run.ended(), run.stderr).toEqual({ code: 0, signal: null })
    expect(JSON.parse(run.stdout)).toMatchObject({
      verdict: 'proven',
      produced,
      received: produced,
      missing: 0,
    })
  } finally {
    await cluster.restart(leader)
  }
})

it.each([
  ['are gone', { kind: 'refuse' }, /ECONNREFUSED|ECONNRESET|Connection closed/],
  ['do not answer any more', { kind: 'silent' }, /timed out/],
] as const)(
  'fails, and says how far it came, when all brokers %s',
  { timeout: 240_000 },
  async (_, fault, why) => {
    const run = await reading()
    const begin = performance.now()
    cluster.setProxies(fault)
    expect(await run.ended(), run.stdout).toEqual({ code: 1, signal: null })
    expect(performance.now() - begin).toBeLessThan(120_000)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain(`Cannot read the topic ${TOPIC} to its end`)
    expect(run.stderr).toMatch(/[1-9]\d* of \d+ offsets/)
    expect(run.stderr).toMatch(why)
  },
)

it('reads on when the brokers come back in time', { timeout: 240_000 }, async () => {
  const run = await reading()
  cluster.setProxies({ kind: 'refuse' })
  await new Promise((resolve) => setTimeout(resolve, 8000))
  cluster.setProxies({ kind: 'none' })
  expect(await run.ended(), run.stderr).toEqual({ code: 0, signal: null })
  expect(JSON.parse(run.stdout)).toMatchObject({ verdict: 'proven', produced, received: produced })
})
