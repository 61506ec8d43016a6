import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { BatchSource } from '../../../../../test/support/kafka/batches.js'
import { type Certificates, makeCertificates } from '../../../../../test/support/kafka/certificates.js'
import { type KafkaCluster, startCluster } from '../../../../../test/support/kafka/cluster.js'
import { kafkaDestination, NEVER } from '../../../../../test/support/kafka/destinations.js'
import { readRecords } from '../../../../../test/support/kafka/read-records.js'
import { untilDelivered } from '../../../../../test/support/kafka/until-delivered.js'
import type { Destination } from '../../delivery/destination.js'

let cluster: KafkaCluster
/** Of an authority that the brokers do not know, until they are told. */
let others: Certificates
const elsewhere = mkdtempSync(join(tmpdir(), 'hivetap-other-ca-'))
/** Files of the destination: written and replaced as who renews certificates does. */
let files: { readonly ca_file: string; readonly cert_file: string; readonly key_file: string }
let opened: Destination[] = []
let topic = ''
let topics = 0

beforeAll(async () => {
  const properties = { 'listener.name.client.ssl.client.auth': 'required' }
  cluster = await startCluster({ tls: true, properties })
  others = await makeCertificates(elsewhere)
})
beforeEach(async () => {
  topic = `mutual-${++topics}`
  await cluster.createTopic(topic)
  const directory = mkdtempSync(join(cluster.directory, 'files-'))
  const path = (name: string) => join(directory, name)
  files = { ca_file: path('ca'), cert_file: path('cert'), key_file: path('key') }
  copyFileSync(cluster.caFile, files.ca_file)
})
afterEach(async () => {
  await Promise.all(opened.map((destination) => destination.close()))
  opened = []
})
afterAll(async () => {
  await cluster.close()
  rmSync(elsewhere, { recursive: true, force: true })
})

async function open(tls: Readonly<Record<string, string>> = files): Promise<Destination> {
  const { destination } = await kafkaDestination({ brokers: cluster.brokers, topic, tls })
  opened.push(destination)
  return destination
}

function own(): Certificates {
  if (cluster.certificates === undefined) throw new Error('The cluster has no certificates.')
  return cluster.certificates
}

function writeClient({ clientCertFile, clientKeyFile }: Certificates): void {
  copyFileSync(clientCertFile, files.cert_file)
  copyFileSync(clientKeyFile, files.key_file)
}

/** The topic holds all that the source gave, as Kafka’s own reader tells. */
async function expectAll(source: BatchSource): Promise<void> {
  const ids = (await readRecords(cluster, topic)).map(
    ({ value }) => (JSON.parse(value.toString()) as { event_id: string }).event_id,
  )
  const wanted = Array.from({ length: source.sequences }, (_, index) => `${source.epoch}-${index}`)
  expect([...new Set(ids)].sort()).toEqual(wanted.sort())
}

test('a broker that asks for a certificate takes that of the files', async () => {
  writeClient(own())
  const destination = await open()
  const source = new BatchSource()
  await destination.open(NEVER)
  expect(await destination.deliver(source.batch(3), NEVER)).toEqual([])
  await expectAll(source)
})

test('without one, it is said what is asked for, each time anew', async () => {
  const destination = await open({ ca_file: files.ca_file })
  const batch = new BatchSource().batch(3)
  for (let times = 0; times < 5; times++)
    await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
      kind: 'certificate_refused',
      passing: false,
      message: expect.stringMatching(/asks for a certificate.*cert_file and key_file/),
    })
})

test('files that are not there yet are named, and used once they are', async () => {
  const destination = await open()
  const source = new BatchSource()
  const batch = source.batch(3)
  await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
    kind: 'secret_unreadable',
    passing: false,
    message: expect.stringContaining(files.cert_file),
  })
  writeClient(own())
  expect(await destination.deliver(batch, NEVER)).toEqual([])
  await expectAll(source)
})

test('a file that is written just now is not taken for one that says nothing', async () => {
  writeClient(own())
  const destination = await open()
  const batch = new BatchSource().batch(3)
  for (const [file, from] of [
    // Without authorities of our own, Node would trust those of the system.
    [files.ca_file, own().caFile],
    [files.cert_file, own().clientCertFile],
    [files.key_file, own().clientKeyFile],
  ] as const) {
    for (const text of ['', readFileSync(from, 'utf8').slice(0, 100)]) {
      writeFileSync(file, text)
      await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
        kind: 'secret_unreadable',
        message: expect.stringContaining(file),
      })
    }
    copyFileSync(from, file)
  }
  expect(await destination.deliver(batch, NEVER)).toEqual([])
})

test('a certificate that brokers do not take is said, and mended by writing its files', async () => {
  writeClient(others)
  const destination = await open()
  const source = new BatchSource()
  const batch = source.batch(3)
  await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
    kind: 'certificate_refused',
    passing: false,
    message: expect.stringContaining('cert_file'),
  })
  // Halfway through: the certificate is new, the key is not.
  copyFileSync(own().clientCertFile, files.cert_file)
  await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
    kind: 'certificate_unusable',
    message: expect.stringContaining('key_file'),
  })
  writeClient(own())
  expect(await destination.deliver(batch, NEVER)).toEqual([])
  await expectAll(source)
})

test('certificates of a new authority are taken up with the next connection', async () => {
  writeClient(own())
  const destination = await open()
  const source = new BatchSource()
  await destination.deliver(source.batch(3), NEVER)
  await cluster.stop(0)
  copyFileSync(others.keyStore, own().keyStore)
  copyFileSync(others.caFile, own().caFile)
  await cluster.restart(0)
  const batch = source.batch(3)
  await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
    kind: 'tls_failed',
    message: expect.stringContaining('ca_file'),
  })
  copyFileSync(others.caFile, files.ca_file)
  await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
    kind: 'certificate_refused',
    message: expect.stringContaining('cert_file'),
  })
  writeClient(others)
  await untilDelivered(destination, batch)
  await expectAll(source)
})
