import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import {
  auditTopic,
  Load,
  onlyEpoch,
  seenOf,
  startAgent,
  untilSaid,
} from '../../../../test/support/kafka/agent-to-topic.js'
import { startCluster } from '../../../../test/support/kafka/cluster.js'
import { describeKernel } from '../../../../test/support/kernel.js'

/** How long the cluster has for another leader, under load. */
const AFTER_KILL_MS = 10_000

describeKernel('hivetap agent to three brokers', () => {
  it('loses nothing when the leader of its partition is killed', { timeout: 400_000 }, async () => {
    const cluster = await startCluster({ nodes: 3 })
    const client = new Client()
    const spoolDir = mkdtempSync(join(tmpdir(), 'hivetap-spool-'))
    try {
      const topic = 'events'
      await cluster.createTopic(topic, { configs: { 'min.insync.replicas': '2' } })
      const { pid } = await client.who()
      const run = startAgent({ brokers: cluster.brokers, topic, spoolDir, pid })
      try {
        await untilSaid(run, 'recording')
        const load = new Load(client, 20)
        await untilSaid(run, 'sink is up')
        await load.more(300)
        const [leader = -1] = await cluster.leaders(topic)
        await cluster.kill(leader)
        await untilSaid(run, 'sink is down')
        await sleep(AFTER_KILL_MS)
        expect(await cluster.leaders(topic)).not.toEqual([leader])
        await load.more(300)
        const made = await load.end()
        await cluster.restart(leader)
        // What was under way as the leader went away is delivered before it ends, or waits for the next run.
        await run.until(({ stderr }) => isUp(stderr), 'the sink to be up again', 120_000)
        expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
        expect(run.stderr).toContain('ledger: all was delivered')
        const said = await auditTopic(cluster.internalBrokers, topic)
        expect(said).toMatchObject({ verdict: 'proven', status: 0 })
        const epoch = onlyEpoch(said)
        expect(epoch).toMatchObject({ state: 'ended', missing: 0, under_way: 0, lost: [] })
        expect({ events: epoch.events, seen: seenOf(epoch) }).toEqual({ events: made, seen: made })
      } finally {
        await run.kill()
      }
    } finally {
      client.stop()
      await cluster.close()
      rmSync(spoolDir, { recursive: true, force: true })
    }
  })
})

/** Whether the last that was said of the sink is that it is up. */
function isUp(stderr: string): boolean {
  return stderr.lastIndexOf('sink is up') > stderr.lastIndexOf('sink is down')
}
