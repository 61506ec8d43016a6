import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Producer } from '@platformatic/kafka'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type KafkaCluster, startCluster, USER } from '../../../../test/support/kafka/cluster.js'
import { spoilBatch } from '../../../../test/support/kafka/spoil-batch.js'
import { type Audit, auditOf } from '../audit/audit.js'
import { sizeOf } from '../audit/range.js'
import type { EpochTruth, FleetOptions, SimulatedBatch } from '../simulation/fleet-options.js'
import { simulateFleet } from '../simulation/simulate-fleet.js'
import { protobufEncoder } from '../sinks/kafka/protobuf-value.js'
import { InputError } from '../topic/input-error.js'
import type { TopicAccess } from '../topic/topic-access.js'
import { auditTopic } from './audit-input.js'

const GRACE_MS = 180_000
/** One more than records are sent to: a partition that is empty. */
const PARTITIONS = 4

let cluster: KafkaCluster
beforeAll(async () => {
  cluster = await startCluster({ tls: true, sasl: ['SCRAM-SHA-512'] })
})
afterEach(() => vi.unstubAllEnvs())
afterAll(() => cluster.close())

let topics = 0
async function newTopic(): Promise<string> {
  const topic = `audit-${++topics}`
  // The simulated records are of last January.
  await cluster.createTopic(topic, { partitions: PARTITIONS, configs: { 'retention.ms': '-1' } })
  return topic
}

const plain = (topic: string): TopicAccess => ({ brokers: cluster.internalBrokers, topic })

/** A client of the tests' own; closed afterwards. */
async function withProducer(
  transactionalId: string | undefined,
  use: (producer: Producer) => Promise<void>,
): Promise<void> {
  const producer = new Producer({
    clientId: 'test',
    bootstrapBrokers: cluster.internalBrokers,
    ...(transactionalId === undefined ? { idempotent: false } : { idempotent: true, transactionalId }),
  })
  try {
    await use(producer)
  } finally {
    await producer.close()
  }
}

/** The batches of a node go to partitions in turn, and so overtake each other when they are read. */
function messagesOf(topic: string, { node, timeMs, lines }: SimulatedBatch, turn: number) {
  return lines.map((line) => ({
    topic,
    partition: turn % (PARTITIONS - 1),
    key: Buffer.from(node),
    value: Buffer.from(line.trimEnd()),
    timestamp: BigInt(timeMs),
  }))
}

async function send(topic: string, options: Partial<FleetOptions>): Promise<readonly EpochTruth[]> {
  const { batches, truth } = simulateFleet(options)
  await withProducer(undefined, async (producer) => {
    let turn = 0
    for (const batch of batches) {
      const messages = messagesOf(topic, batch, turn++)
      if (messages.length > 0) await producer.send({ acks: -1, messages })
    }
  })
  return truth
}

async function audit(access: TopicAccess, sinceMs?: number): Promise<Audit> {
  const { accountant, remarks, notes } = await auditTopic(access, {
    graceMs: GRACE_MS,
    sinceMs,
    nowMs: Date.now(),
  })
  return auditOf(accountant, { remarks, notes })
}

const EVENTS = '300'
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

/** Runs a program of ours. */
async function run(script: string, ...args: readonly string[]) {
  const ran = promisify(execFile)(process.execPath, [`${ROOT}/${script}`, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  })
  return ran.then(
    ({ stdout, stderr }) => ({ stdout, stderr, status: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => ({ ...error, status: error.code }),
  )
}

/** Numbers of an epoch that both sides know. */
const numbers = (found: Audit) =>
  found.epochs
    .map(({ epoch, stream, duplicates }) => ({
      epoch,
      state: stream.state,
      produced: stream.produced,
      received: stream.received,
      events: stream.events,
      duplicates,
      lost: Object.fromEntries(stream.lost.map(({ reason, count }) => [reason, count])),
      missing: sizeOf(stream.missing),
    }))
    .sort((a, b) => (a.epoch < b.epoch ? -1 : 1))
const truthNumbers = (truth: readonly EpochTruth[]) =>
  truth.map(({ node: _, tools: __, made: ___, ...rest }) => rest).sort((a, b) => (a.epoch < b.epoch ? -1 : 1))

describe('hivetap audit of a topic', () => {
  it('finds what is true, whatever went wrong, over several partitions and an empty one', async () => {
    const topic = await newTopic()
    const faults = { duplicates: 0.1, holes: 0.05, declaredLosses: 0.1, reorder: 0.2, cut: 0.5 }
    const truth = await send(topic, { ...faults, epochs: 3, events: 400 })
    const found = await audit(plain(topic))
    expect(numbers(found)).toEqual(truthNumbers(truth))
    expect(found.epochs.flatMap(({ contradictions }) => contradictions)).toEqual([])
    expect(found).toMatchObject({ verdict: 'missing', remarks: [], notes: [], sinksSeen: ['kafka'] })
  })

  it('is proven through TLS and SCRAM, and joins no group', async () => {
    const topic = await newTopic()
    await send(topic, { events: 100 })
    vi.stubEnv('RIGHT', cluster.password)
    vi.stubEnv('WRONG', 'wrong')
    const sasl = { mechanism: 'scram-sha-512', username: USER, password_env: 'RIGHT' } as const
    const access = { brokers: cluster.brokers, topic, tls: { ca_file: cluster.caFile }, sasl }
    expect((await audit(access)).verdict).toBe('proven')
    expect([...(await cluster.admin.listGroups()).keys()]).toEqual([])
    await expect(audit({ ...access, sasl: { ...sasl, password_env: 'WRONG' } })).rejects.toThrow(
      /Cannot read the topic audit-\d+: .* does not accept the sign-in of agent/,
    )
    await expect(audit({ ...access, tls: {} })).rejects.toThrow(/certificate/)
  })

  it('with a time asked for, what came before is no hole', async () => {
    const topic = await newTopic()
    await send(topic, { epochs: 1, events: 1000, reorder: 0.2, minutes: 20 })
    const all = await audit(plain(topic))
    const found = await audit(plain(topic), Date.parse('2026-01-01T00:10:00Z'))
    expect(all.verdict).toBe('proven')
    expect(found.verdict).toBe('proven')
    expect(found.epochs).toHaveLength(all.epochs.length)
    for (const { stream } of found.epochs) {
      expect(stream.from).toBeGreaterThan(300)
      expect(stream.received).toBe(stream.to - stream.from)
    }
  })

  it('where the beginning was deleted, of one partition further than of another, the rest is proven', async () => {
    const topic = await newTopic()
    await send(topic, { epochs: 1, events: 1000, minutes: 20 })
    const partitions = [50n, 700n].map((offset, partition) => ({ partition, offset }))
    await cluster.admin.deleteRecords({ topics: [{ name: topic, partitions }] })
    const found = await audit(plain(topic))
    expect(found).toMatchObject({ verdict: 'proven', remarks: [] })
    expect(found.notes).toEqual([expect.stringMatching(/^records of before 2026-01-01T00:1/)])
    for (const { stream } of found.epochs) expect(stream.from).toBeGreaterThan(300)
  })

  it('reads a topic that ends with what the brokers wrote, and says what it cannot know of transactions', async () => {
    const topic = await newTopic()
    await withProducer('audit-test', async (producer) => {
      const transaction = await producer.beginTransaction()
      let turn = 0
      for (const batch of simulateFleet({ nodes: 1, epochs: 1, events: 60 }).batches)
        await transaction.send({ acks: -1, messages: messagesOf(topic, batch, turn++) })
      await transaction.commit()
    })
    const found = await audit(plain(topic))
    expect(found.epochs.map(({ verdict }) => verdict)).toEqual(['proven'])
    expect(found.verdict).toBe('incomplete')
    expect(found.remarks.join()).toContain('transactions')
  })

  it('tells where records stand that cannot be read', async () => {
    const topic = await newTopic()
    await send(topic, { nodes: 1, epochs: 1, events: 60 })
    const value = Buffer.from([0, 1, 2])
    await withProducer(undefined, async (producer) => {
      const headers = new Map([[Buffer.from('content-type'), Buffer.from('application/x-other; v=1')]])
      await producer.send({ acks: -1, messages: [{ topic, partition: 3, value }] })
      await producer.send({ acks: -1, messages: [{ topic, partition: 3, value, headers }] })
    })
    const found = await audit(plain(topic))
    expect(found.verdict).toBe('unreadable')
    expect([...found.counts.unreadable]).toEqual([
      ['not_json', { count: 1, places: ['partition 3, offset 0'] }],
      ['content_type', { count: 1, places: ['partition 3, offset 1'] }],
    ])
  })

  it('reads Protobuf as it reads JSON', async () => {
    const topic = await newTopic()
    const { batches, truth } = simulateFleet({
      nodes: 3,
      epochs: 2,
      events: 500,
      duplicates: 0.1,
      declaredLosses: 0.1,
    })
    const encode = protobufEncoder()
    const headers = new Map([[Buffer.from('content-type'), Buffer.from('application/protobuf')]])
    await withProducer(undefined, async (producer) => {
      let turn = 0
      for (const batch of batches) {
        const messages = messagesOf(topic, batch, turn++).map((message) => ({
          ...message,
          headers,
          value: encode({ kind: 'event', tool: 'tcpconnlat', timeMs: batch.timeMs, value: message.value }),
        }))
        if (messages.length > 0) await producer.send({ acks: -1, messages })
      }
      await producer.send({ acks: -1, messages: [{ topic, partition: 3, value: Buffer.from([9]), headers }] })
    })
    const found = await audit(plain(topic))
    expect(numbers(found)).toEqual(truthNumbers(truth))
    expect([...found.counts.unreadable.keys()]).toEqual(['not_protobuf'])
  })

  it('names what a disk of the brokers spoilt: it is held against its checksum', async () => {
    const topic = await newTopic()
    const { batches } = simulateFleet({ nodes: 1, epochs: 1, events: 3000 })
    const sent = [...batches].filter(({ lines }) => lines.length > 0)
    await withProducer(undefined, async (producer) => {
      for (const batch of sent) await producer.send({ acks: -1, messages: messagesOf(topic, batch, 0) })
    })
    await spoilBatch(cluster, topic, 0, 1)
    const spoilt = sent[1]?.lines.length
    const found = await audit(plain(topic))
    expect(found.remarks).toEqual([
      `partition 0: ${spoilt} offsets hold nothing that can be read: Its checksum is wrong.`,
    ])
    expect(found.epochs).toHaveLength(1)
    expect(found.epochs[0]?.verdict).toBe('missing')
  })

  it('as built: what the script sends, the command finds', async () => {
    const topic = await newTopic()
    const target = ['--brokers', cluster.internalBrokers.join(','), '--topic', topic]
    const faults = ['--holes', '0.1', '--declared-losses', '0.1', '--duplicates', '0.1', '--reorder', '0.2']
    const simulated = await run('scripts/simulate-fleet.mjs', ...target, ...faults, '--events', EVENTS)
    const truth = JSON.parse(simulated.stderr) as readonly EpochTruth[]
    const { stdout, status } = await run('packages/hivetap/bin/hivetap.js', 'audit', ...target, '-o', 'json')
    const found = JSON.parse(stdout) as Readonly<Record<string, unknown>>
    const sum = (of: (epoch: EpochTruth) => number) => truth.reduce((total, epoch) => total + of(epoch), 0)
    expect(found).toMatchObject({
      verdict: 'missing',
      epoch_count: truth.length,
      produced: sum(({ produced }) => produced),
      received: sum(({ received }) => received),
      missing: sum(({ missing }) => missing),
      duplicates: sum(({ duplicates }) => duplicates),
    })
    expect(status).toBe(7)
  })

  it('says that there is no such topic', async () => {
    await expect(audit(plain('nothing-here'))).rejects.toThrow(InputError)
    await expect(audit(plain('nothing-here'))).rejects.toThrow(/nothing-here/)
  })
})
