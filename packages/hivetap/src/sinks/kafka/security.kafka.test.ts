import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BatchSource } from '../../../../../test/support/kafka/batches.js'
import { makeCertificates } from '../../../../../test/support/kafka/certificates.js'
import { type KafkaCluster, startCluster, USER } from '../../../../../test/support/kafka/cluster.js'
import { kafkaDestination, NEVER } from '../../../../../test/support/kafka/destinations.js'
import { runJava } from '../../../../../test/support/kafka/java.js'
import { readRecords } from '../../../../../test/support/kafka/read-records.js'
import type { Destination } from '../../delivery/destination.js'

let cluster: KafkaCluster
let opened: Destination[] = []
let passwordFile = ''
const elsewhere = mkdtempSync(join(tmpdir(), 'hivetap-ca-'))

beforeAll(async () => {
  cluster = await startCluster({
    tls: true,
    sasl: ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN', 'OAUTHBEARER'],
  })
  passwordFile = join(cluster.directory, 'password')
  await cluster.createTopic('secure')
})
afterEach(async () => {
  await Promise.all(opened.map((destination) => destination.close()))
  opened = []
})
afterAll(async () => {
  await cluster.close()
  rmSync(elsewhere, { recursive: true, force: true })
})

async function open(config: Readonly<Record<string, unknown>>) {
  const tls = { ca_file: cluster.caFile }
  const { destination } = await kafkaDestination({
    brokers: cluster.brokers,
    topic: 'secure',
    tls,
    ...config,
  })
  opened.push(destination)
  return destination
}

function scram(overrides: Readonly<Record<string, unknown>> = {}) {
  return { mechanism: 'scram-sha-512', username: USER, password_file: passwordFile, ...overrides }
}

describe('sign-in over TLS', () => {
  test.each(['scram-sha-512', 'scram-sha-256', 'plain'])('by %s', async (mechanism) => {
    writeFileSync(passwordFile, `${cluster.password}\n`)
    const destination = await open({ sasl: scram({ mechanism }) })
    await destination.open(NEVER)
    await destination.deliver(new BatchSource().batch(3), NEVER)
  })

  test('by a token in a file', async () => {
    const tokenFile = join(cluster.directory, 'token')
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const claims = { sub: 'agent', iat: now - 10, exp: now + 3600, scope: 'kafka' }
    writeFileSync(tokenFile, `${part({ alg: 'none' })}.${part(claims)}.`)
    const destination = await open({ sasl: { mechanism: 'oauthbearer', token_file: tokenFile } })
    await destination.deliver(new BatchSource().batch(3), NEVER)
  })

  test('a password that is wrong is said, and mended by writing its file', async () => {
    writeFileSync(passwordFile, 'wrong')
    const destination = await open({ sasl: scram() })
    const batch = new BatchSource().batch(3)
    await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
      kind: 'authentication_failed',
      passing: false,
      message: expect.stringContaining(USER),
    })
    writeFileSync(passwordFile, cluster.password)
    expect(await destination.deliver(batch, NEVER)).toEqual([])
    const before = (await readRecords(cluster, 'secure')).map(({ value }) => value.toString())
    expect(before).toContain(Buffer.from(batch.records[2]?.value ?? []).toString())
  })

  test('a secret that cannot be read is named, and never told', async () => {
    const missing = await open({ sasl: scram({ password_file: join(elsewhere, 'none') }) })
    await expect(missing.open(NEVER)).rejects.toMatchObject({
      kind: 'secret_unreadable',
      message: expect.stringContaining(join(elsewhere, 'none')),
    })
    const unset = await open({ sasl: scram({ password_file: undefined, password_env: 'HIVETAP_NOT_SET' }) })
    await expect(unset.open(NEVER)).rejects.toMatchObject({ kind: 'secret_unreadable' })
  })
})

describe('what cannot be trusted', () => {
  test('an authority that did not sign, a name that is not the broker’s, no encryption', async () => {
    writeFileSync(passwordFile, cluster.password)
    const { caFile } = await makeCertificates(elsewhere)
    const other = await open({ tls: { ca_file: caFile }, sasl: scram() })
    await expect(other.open(NEVER)).rejects.toMatchObject({ kind: 'tls_failed', passing: false })
    const named = await open({ tls: { ca_file: cluster.caFile, server_name: 'elsewhere' }, sasl: scram() })
    await expect(named.open(NEVER)).rejects.toMatchObject({ kind: 'tls_failed' })
    const clear = await open({ tls: undefined, sasl: scram(), request_timeout_ms: 2000 })
    await expect(clear.open(NEVER)).rejects.toMatchObject({ kind: 'broker_unreachable' })
    const withTls = await open({ brokers: cluster.internalBrokers, request_timeout_ms: 2000 })
    await expect(withTls.open(NEVER)).rejects.toMatchObject({
      kind: expect.stringMatching(/tls_failed|broker_unreachable/),
    })
  })
})

test('what one is not allowed to do is said, and done once it is allowed', async () => {
  writeFileSync(passwordFile, cluster.password)
  await cluster.createTopic('forbidden')
  const acls = (action: string, user: string) =>
    runJava('org.apache.kafka.tools.AclCommand', [
      ...['--bootstrap-server', cluster.internalBrokers.join(','), action, '--force'],
      ...['--allow-principal', `User:${user}`, '--producer', '--topic', 'forbidden'],
    ])
  await acls('--add', 'somebody')
  const destination = await open({ topic: 'forbidden', sasl: scram() })
  const batch = new BatchSource().batch(3)
  await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
    kind: 'authorization_failed',
    passing: false,
    message: expect.stringContaining('topic forbidden'),
  })
  await acls('--add', USER)
  expect(await destination.deliver(batch, NEVER)).toEqual([])
})
