import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
import { type Certificates, makeCertificates } from '../../../../test/support/kafka/certificates.js'
import { startCluster } from '../../../../test/support/kafka/cluster.js'
import { describeKernel } from '../../../../test/support/kernel.js'

/** Puts a file in the place of another as those do who renew certificates: whole, or not at all. */
function replace(file: string, by: string): void {
  copyFileSync(by, `${file}.new`)
  renameSync(`${file}.new`, file)
}

describeKernel('hivetap agent to a broker that asks for a certificate', () => {
  it('goes on when all certificates are of another authority', { timeout: 400_000 }, async () => {
    const properties = { 'listener.name.client.ssl.client.auth': 'required' }
    const cluster = await startCluster({ tls: true, properties })
    const directory = mkdtempSync(join(tmpdir(), 'hivetap-certificates-'))
    const spoolDir = join(directory, 'spool')
    const client = new Client()
    try {
      const own = cluster.certificates as Certificates
      const next = await makeCertificates(directory)
      const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => join(cluster.directory, name)) as [
        string,
        string,
        string,
      ]
      replace(ca, own.caFile)
      replace(cert, own.clientCertFile)
      replace(key, own.clientKeyFile)
      const topic = 'events'
      await cluster.createTopic(topic, { partitions: 3 })
      const { pid } = await client.who()
      const tls = ['--kafka-tls-ca-file', ca, '--kafka-tls-cert-file', cert, '--kafka-tls-key-file', key]
      const run = startAgent({ brokers: cluster.brokers, topic, spoolDir, pid }, tls)
      try {
        await untilSaid(run, 'recording')
        const load = new Load(client, 20)
        await untilSaid(run, 'sink is up')
        await load.more(200)
        await cluster.stop(0)
        replace(own.keyStore, next.keyStore)
        replace(own.caFile, next.caFile)
        await cluster.restart(0)
        // The brokers have theirs before the agent has: that is said, until its files are there too.
        await untilSaid(run, 'No encrypted connection')
        replace(ca, next.caFile)
        await untilSaid(run, 'does not take our certificate')
        replace(cert, next.clientCertFile)
        replace(key, next.clientKeyFile)
        await untilSaid(run, 'sink is up', 2)
        await load.more(200)
        const made = await load.end()
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
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
