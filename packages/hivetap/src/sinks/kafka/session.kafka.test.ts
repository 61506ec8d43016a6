import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BatchSource } from '../../../../../test/support/kafka/batches.js'
import { type KafkaCluster, startCluster, USER } from '../../../../../test/support/kafka/cluster.js'
import { kafkaDestination, NEVER } from '../../../../../test/support/kafka/destinations.js'
import type { TcpProxy } from '../../../../../test/support/kafka/proxy.js'
import { readRecords } from '../../../../../test/support/kafka/read-records.js'
import type { DeliveryError, Destination } from '../../delivery/destination.js'

/** How long a broker lets a sign-in stand. */
const SESSION_MS = 3000
const DAY_S = 86_400

let cluster: KafkaCluster
let proxy: TcpProxy
let passwordFile = ''
let tokenFile = ''
let topic = ''
let topics = 0
let opened: Destination[] = []

beforeAll(async () => {
  cluster = await startCluster({
    sasl: ['SCRAM-SHA-512', 'OAUTHBEARER'],
    proxied: true,
    properties: { 'listener.name.client.scram-sha-512.connections.max.reauth.ms': String(SESSION_MS) },
  })
  const [first] = cluster.proxies
  if (first === undefined) throw new Error('There is no proxy.')
  proxy = first
  passwordFile = join(cluster.directory, 'password')
  tokenFile = join(cluster.directory, 'token')
})
afterEach(async () => {
  await Promise.all(opened.map((destination) => destination.close()))
  opened = []
})
afterAll(() => cluster.close())

async function open(sasl: Readonly<Record<string, unknown>>): Promise<Destination> {
  topic = `session-${++topics}`
  await cluster.createTopic(topic, { partitions: 2 })
  const { destination } = await kafkaDestination({ brokers: cluster.brokers, topic, sasl })
  opened.push(destination)
  return destination
}

/** A token that is good for so long from now; put in its place whole, as those do who renew tokens. */
function writeToken(seconds: number): void {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Date.now() / 1000
  const claims = { sub: USER, iat: Math.floor(now) - 10, exp: now + seconds, scope: 'kafka' }
  writeFileSync(`${tokenFile}.new`, `${part({ alg: 'none' })}.${part(claims)}.`)
  renameSync(`${tokenFile}.new`, tokenFile)
}

/** Delivers, four batches at once, for so long; each until it is taken. @returns what was given, and what went wrong */
async function load(destination: Destination, milliseconds: number) {
  const source = new BatchSource()
  const errors: DeliveryError[] = []
  const until = performance.now() + milliseconds
  const worker = async () => {
    while (performance.now() < until) {
      const batch = source.batch(5)
      for (let delivered = false; !delivered; ) {
        delivered = await destination.deliver(batch, NEVER).then(
          () => true,
          (error: DeliveryError) => errors.push(error) < 0,
        )
        await sleep(delivered ? 5 : 50)
      }
    }
  }
  await Promise.all([1, 2, 3, 4].map(worker))
  return { source, errors }
}

/** Each record that was given stands in the topic, once. */
async function expectOnce(source: BatchSource): Promise<void> {
  const ids = (await readRecords(cluster, topic)).map(
    ({ value }) => (JSON.parse(value.toString()) as { event_id: string }).event_id,
  )
  expect(new Set(ids).size).toBe(source.sequences)
  expect(ids).toHaveLength(source.sequences)
}

describe('a sign-in that brokers let stand for a short time', () => {
  const scram = () => ({ mechanism: 'scram-sha-512', username: USER, password_file: passwordFile })

  test('is renewed under load: nothing fails, nothing is sent twice', async () => {
    writeFileSync(passwordFile, cluster.password)
    const destination = await open(scram())
    const before = proxy.connections
    const { source, errors } = await load(destination, 5 * SESSION_MS)
    expect(errors).toEqual([])
    // One after the other, each for four fifths of the time.
    expect(proxy.connections - before).toBeGreaterThan(4)
    expect(proxy.connections - before).toBeLessThan(10)
    await expectOnce(source)
  })

  test('and passes while nothing is delivered: the next batch goes out all the same', async () => {
    writeFileSync(passwordFile, cluster.password)
    const destination = await open(scram())
    const source = new BatchSource()
    for (let times = 0; times < 3; times++) {
      await destination.deliver(source.batch(5), NEVER)
      await sleep(SESSION_MS * 1.5)
    }
    await destination.deliver(source.batch(5), NEVER)
    await expectOnce(source)
  })

  test('is renewed with what stands in the file now', async () => {
    writeFileSync(passwordFile, cluster.password)
    const destination = await open(scram())
    const source = new BatchSource()
    await destination.deliver(source.batch(5), NEVER)
    writeFileSync(passwordFile, 'wrong')
    await sleep(SESSION_MS * 1.2)
    const batch = source.batch(5)
    await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({ kind: 'authentication_failed' })
    writeFileSync(passwordFile, cluster.password)
    await destination.deliver(batch, NEVER)
    await expectOnce(source)
  })
})

describe('a token', () => {
  const bearer = () => ({ mechanism: 'oauthbearer', token_file: tokenFile })

  test('that is renewed before it expires: nothing fails, nothing is sent twice', async () => {
    writeToken(6)
    const destination = await open(bearer())
    const renewing = setInterval(() => writeToken(6), 2000)
    try {
      const { source, errors } = await load(destination, 15_000)
      expect(errors).toEqual([])
      await expectOnce(source)
    } finally {
      clearInterval(renewing)
    }
  })

  test('that expired is said, and delivery goes on with the next one', async () => {
    writeToken(3)
    const destination = await open(bearer())
    const source = new BatchSource()
    await destination.deliver(source.batch(5), NEVER)
    await sleep(4000)
    const batch = source.batch(5)
    for (let times = 0; times < 2; times++)
      await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
        kind: 'authentication_failed',
        passing: false,
        message: expect.stringContaining('token in its file'),
      })
    writeToken(3600)
    await destination.deliver(batch, NEVER)
    await expectOnce(source)
  })

  test('that is good for years is not signed in with over and over', async () => {
    writeToken(1000 * DAY_S)
    const destination = await open(bearer())
    const source = new BatchSource()
    await destination.deliver(source.batch(5), NEVER)
    const { connections, bytesSent } = proxy
    await sleep(2000)
    expect({ connections: proxy.connections, bytesSent: proxy.bytesSent }).toEqual({ connections, bytesSent })
    await destination.deliver(source.batch(5), NEVER)
    await expectOnce(source)
  })
})
