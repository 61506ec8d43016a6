import { afterAll, beforeAll, expect, it } from 'vitest'
import { BrokenHost } from '../../../../test/support/broken-host.js'
import { Client } from '../../../../test/support/client.js'
import { hasCommand } from '../../../../test/support/commands.js'
import {
  auditTopic,
  Load,
  onlyEpoch,
  seenOf,
  startAgent,
  untilSaid,
} from '../../../../test/support/kafka/agent-to-topic.js'
import { type KafkaCluster, startCluster } from '../../../../test/support/kafka/cluster.js'
import { readRecords } from '../../../../test/support/kafka/read-records.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'

const HOURS_MS = 7_200_000
/** How far a time of a record may lie from when it happened: the clocks are read a moment apart. */
const NEAR_MS = 60_000

let cluster: KafkaCluster

describeKernelIf(hasCommand('gcc'))('hivetap agent on a host whose clock is set back by two hours', () => {
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster.close())

  it.each([
    ['to the right time', HOURS_MS, 0],
    ['to a wrong one', 0, -HOURS_MS],
  ])('%s: numbers, times and the audit are right', { timeout: 240_000 }, async (name, before, after) => {
    const host = new BrokenHost()
    const client = new Client()
    const topic = `clock-${name.replaceAll(' ', '-')}`
    try {
      await cluster.createTopic(topic, { partitions: 2 })
      host.setClock(before)
      const { pid } = await client.who()
      const start = { brokers: cluster.brokers, topic, spoolDir: host.disk, pid, env: host.env }
      const run = startAgent(start, ['--account-interval', '1s'])
      try {
        await untilSaid(run, 'recording')
        const load = new Load(client, 20)
        await untilSaid(run, 'sink is up')
        await load.more(300)
        const steppedAt = Date.now()
        host.setClock(after)
        await load.more(300)
        const made = await load.end()
        expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
        expect(run.stderr).toContain('ledger: all was delivered')
        const said = await auditTopic(cluster.internalBrokers, topic)
        expect(said).toMatchObject({ verdict: 'proven', status: 0 })
        const epoch = onlyEpoch(said)
        expect(epoch).toMatchObject({ state: 'ended', missing: 0, under_way: 0, lost: [], duplicates: 0 })
        expect({ events: epoch.events, seen: seenOf(epoch) }).toEqual({ events: made, seen: made })
        await expectTimes(topic, epoch.epoch, { before, after, steppedAt })
      } finally {
        await run.kill()
      }
    } finally {
      client.stop()
      host.close()
    }
  })
})

/** Sequences without a hole; each event with the time that its host had; each record with that, as far as a broker takes it. */
async function expectTimes(
  topic: string,
  epoch: string,
  { before, after, steppedAt }: { before: number; after: number; steppedAt: number },
): Promise<void> {
  const records = (await readRecords(cluster, topic)).map(({ value, timestamp }) => {
    const line = JSON.parse(value.toString()) as { event_id: string; time: string; record?: string }
    const sequence = Number(line.event_id.slice(epoch.length + 1))
    return { timestamp, sequence, timeMs: Date.parse(line.time), isEvent: line.record === undefined }
  })
  records.sort((a, b) => a.sequence - b.sequence)
  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index))
  const events = records.filter(({ isEvent }) => isEvent)
  const behind = events.findIndex(({ timeMs }) => timeMs < steppedAt + (before + after) / 2)
  expect(behind).toBeGreaterThan(200)
  for (const [index, { timeMs, timestamp }] of events.entries()) {
    const ahead = index < behind ? before : after
    expect(Math.abs(timeMs - ahead - steppedAt)).toBeLessThan(NEAR_MS)
    // Two hours ahead of a broker it is not taken: then it is the broker's own.
    if (before > 0) expect(Math.abs(timestamp - steppedAt)).toBeLessThan(NEAR_MS)
    // An event from before, delivered after: now it lies ahead of this host's own clock.
    else
      expect(Math.abs(timestamp - timeMs) <= 1 || (index < behind && timestamp < timeMs - HOURS_MS / 2)).toBe(
        true,
      )
  }
}
