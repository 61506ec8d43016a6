import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { Client } from '../../../../../test/support/client.js'
import { Hivetap } from '../../../../../test/support/hivetap.js'
import { auditTopic, startAgent, untilSaid } from '../../../../../test/support/kafka/agent-to-topic.js'
import { type KafkaCluster, startCluster } from '../../../../../test/support/kafka/cluster.js'
import { describeKernel } from '../../../../../test/support/kernel.js'

const PATIENCE = 240_000

let cluster: KafkaCluster
let client: Client
let directory: string

async function expectProven(topic: string): Promise<void> {
  expect(await auditTopic(cluster.internalBrokers, topic)).toMatchObject({
    status: 0,
    verdict: 'proven',
    epochs: [
      {
        events: 0,
        delivered_check: { delivered: 100, events: 100 },
        summaries: { summarised: 100, received: 100 },
      },
    ],
  })
}

describeKernel('summaries to a broker', () => {
  beforeAll(async () => {
    cluster = await startCluster({ proxied: true })
  })
  afterAll(() => cluster.close())

  beforeEach(() => {
    client = new Client()
    directory = mkdtempSync(join(tmpdir(), 'hivetap-summaries-'))
  })
  afterEach(() => {
    client.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it.each(['json', 'protobuf'])(
    'are found on a topic, and proven, as %s',
    { timeout: PATIENCE },
    async (format) => {
      const topic = `summaries-${format}`
      await cluster.createTopic(topic, { partitions: 3 })
      const { pid } = await client.who()
      const { brokers, internalBrokers } = cluster
      const spoolDir = join(directory, 'spool')
      const run = startAgent({ brokers, topic, spoolDir, pid, tool: 'tcpconnlat' }, [
        ...['--summaries-tools', 'tcpconnlat', '--summaries-every', '1s', '--summaries-delay', '0s'],
        ...['--kafka-format', format, '--kafka-key', 'destination'],
      ])
      try {
        await untilSaid(run, 'recording')
        const listener = await client.listen('127.0.0.1', { backlog: 4096 })
        for (let count = 0; count < 100; count++) await client.close((await client.connect(listener)).fd)
        expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
      } finally {
        await run.kill()
      }
      // The audit reads JSON alone.
      if (format === 'json') await expectProven(topic)
      const rules = join(directory, 'rules')
      writeFileSync(rules, 'rules: [{ kind: failures, outcomes: [connected], by: [host], window: 1s }]\n')
      const detect = new Hivetap([
        ...['detect', '--rules', rules, '-o', 'json', '--from-beginning', '--group', topic],
        ...['--brokers', internalBrokers.join(','), '--topic', topic],
      ])
      // It reads on until it is ended; what it had read by then it says.
      try {
        await vi.waitFor(() => expect(detect.lines.length).toBeGreaterThan(0), 60_000)
        await detect.end('SIGTERM')
        expect(detect.stderr).toMatch(
          / 0 connects, \d summaries of 100 more, \d+ of other things, 0 unreadable/,
        )
      } finally {
        await detect.kill()
      }
    },
  )
})
