import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectLines } from '../../../../../test/support/connect-lines.js'
import type { Hivetap } from '../../../../../test/support/hivetap.js'
import { startCluster, USER } from '../../../../../test/support/kafka/cluster.js'
import { countsOf, DetectRig, recordsOf, WAIT_MS } from '../../../../../test/support/kafka/detect-rig.js'
import { runJava } from '../../../../../test/support/kafka/java.js'

const EVENTS = connectLines(2000, Date.UTC(2025, 10, 1), 100)

let rig: DetectRig
beforeAll(async () => {
  rig = new DetectRig(await startCluster({ tls: true, sasl: ['SCRAM-SHA-512', 'PLAIN'] }))
})
afterAll(async () => {
  await rig.cluster.close()
  rig.close()
})

/** A run that signs in over TLS. */
function signedIn(
  topic: string,
  { mechanism = 'scram-sha-512', password = rig.cluster.password } = {},
): Hivetap {
  const file = rig.path('password')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  const sasl = ['--sasl-mechanism', mechanism, '--sasl-username', USER, '--sasl-password-file', file]
  return rig.detect(topic, '--tls-ca-file', rig.cluster.caFile, ...sasl)
}

async function expectRead(run: Hivetap): Promise<void> {
  try {
    await run.until(() => run.lines.length > 0, 'an alert', WAIT_MS)
    expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
    expect(countsOf(run).lines).toBe(EVENTS.lines.length)
  } finally {
    await run.kill()
  }
}

/** Allows something to somebody, which nobody else may then. */
async function allow(user: string, ...what: readonly string[]): Promise<void> {
  await runJava('org.apache.kafka.tools.AclCommand', [
    ...['--bootstrap-server', rig.cluster.internalBrokers.join(','), '--add', '--force'],
    ...['--allow-principal', `User:${user}`, ...what],
  ])
}

describe('hivetap detect of a topic whose brokers ask who it is', () => {
  it.each(['scram-sha-512', 'plain'])('signs in over TLS, by %s', async (mechanism) => {
    const topic = await rig.newTopic()
    await rig.send(topic, recordsOf(EVENTS))
    await expectRead(signedIn(topic, { mechanism }))
  })

  it('says that a password is wrong, and tells it to nobody', async () => {
    const topic = await rig.newTopic()
    const run = signedIn(topic, { password: 'not-the-right-one' })
    expect(await run.ended()).toEqual({ code: 1, signal: null })
    expect(run.stderr).toMatch(/Cannot read the topic .*agent/)
    expect(run.stderr).not.toContain('not-the-right-one')
  })

  it('says what it may not do, and does it once it is allowed', async () => {
    const topic = await rig.newTopic()
    await rig.send(topic, recordsOf(EVENTS))
    await allow('somebody', '--operation', 'Read', '--group', topic)
    const noGroup = signedIn(topic)
    expect(await noGroup.ended()).toEqual({ code: 1, signal: null })
    expect(noGroup.stderr).toContain(`do not let us use the consumer group ${topic}`)
    await allow(USER, '--operation', 'Read', '--group', topic)
    await allow('somebody', '--operation', 'Read', '--operation', 'Describe', '--topic', topic)
    const noTopic = signedIn(topic)
    expect(await noTopic.ended()).toEqual({ code: 1, signal: null })
    expect(noTopic.stderr).toMatch(/Cannot read the topic/)
    await allow(USER, '--operation', 'Read', '--operation', 'Describe', '--topic', topic)
    await expectRead(signedIn(topic))
  })
})
