import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Hivetap } from '../../../../test/support/hivetap.js'
import { type KafkaCluster, startCluster } from '../../../../test/support/kafka/cluster.js'
import { runJava } from '../../../../test/support/kafka/java.js'

let cluster: KafkaCluster

beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.close())

async function init(...args: readonly string[]) {
  const run = new Hivetap(['kafka', 'init', '--brokers', cluster.brokers.join(','), ...args])
  const { code: status } = await run.ended()
  return { status, stdout: run.stdout, stderr: run.stderr }
}

/** What Kafka’s own tool tells of a topic. */
function described(topic: string): Promise<string> {
  const servers = cluster.internalBrokers.join(',')
  return runJava('org.apache.kafka.tools.TopicCommand', [
    '--bootstrap-server',
    servers,
    '--describe',
    '--topic',
    topic,
  ])
}

describe('hivetap kafka init', () => {
  test('says what it would do, does it with --yes, and finds it done', async () => {
    const asked = ['--topic', 'made', '--partitions', '5', '--retention', '3d']
    const plan = await init(...asked)
    expect(plan).toMatchObject({ status: 0, stderr: '' })
    expect(plan.stdout).toMatch(/partitions +5\n.*replication factor +1\n/)
    expect(plan.stdout).toContain('--yes')
    await expect(described('made')).rejects.toThrow()

    expect(await init(...asked, '--yes')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('It is made.'),
    })
    const is = await described('made')
    expect(is).toContain('PartitionCount: 5')
    expect(is).toContain('retention.ms=259200000')
    expect(is).toContain('min.insync.replicas=1')
    expect(await init(...asked, '--yes')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('as it was asked for'),
    })
  })

  test('tells in what a topic differs, and leaves it', async () => {
    await cluster.createTopic('other', { partitions: 2 })
    const run = await init('--topic', 'other', '--partitions', '4', '--min-insync', '1', '--yes')
    expect(run.status).toBe(3)
    expect(run.stdout).toMatch(/partitions +is 2, and was to be 4\n/)
    expect(run.stdout).not.toContain('min.insync')
    expect(await described('other')).toContain('PartitionCount: 2')
  })

  test('fails with what to do about it', async () => {
    const tooMany = await init('--topic', 'many', '--replication', '3')
    expect(tooMany).toMatchObject({ status: 1, stdout: '' })
    expect(tooMany.stderr).toContain('INVALID_REPLICATION_FACTOR')
    const nobody = new Hivetap(['kafka', 'init', '--brokers', '127.0.0.1:1', '--topic', 'x'])
    expect((await nobody.ended()).code).toBe(1)
    expect(nobody.stderr).toContain('No answer from 127.0.0.1:1')
    expect(await init('--topic', 'x', '--sasl-username', 'me')).toMatchObject({ status: 2 })
    expect(await init('--topic', 'x', '--retention', 'long')).toMatchObject({ status: 2 })
  })
})
