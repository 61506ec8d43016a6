/**
 * hivetap on a cluster, delivering to a broker of this test: a pod's slow connect as an event, an upgrade that misses none,
 * and what is left on the nodes when it is removed. Its steps follow each other.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditTopic } from '../support/kafka/agent-to-topic.js'
import { type KafkaCluster, startCluster } from '../support/kafka/cluster.js'
import { kafkaBlockedBy } from '../support/kafka/install.js'
import { readRecords } from '../support/kafka/read-records.js'
import { ClientPods } from './story/client-pods.js'
import { connectsIn } from './story/events.js'
import { image, kafkaHost, run, seconds } from './story/given.js'
import { installation } from './story/installed.js'
import { expectNothingLeft } from './story/nothing-left.js'
import { onEveryNode } from './story/on-every-node.mjs'
import { tell } from './story/report.mjs'
import { StoryNamespace, until } from './story/story-run.js'

const TOPIC = 'hivetap-story'
/** Why no broker can be had that the cluster's pods reach; `undefined` where one can be. */
const noKafka =
  kafkaHost === undefined
    ? 'HIVETAP_KAFKA_HOST does not say which address of this machine the cluster’s pods reach'
    : await kafkaBlockedBy()

it.runIf(noKafka !== undefined)('tries no Kafka, and says so', () => {
  process.stdout.write(`\nNO EVENT WENT TO KAFKA, AND NO UPGRADE WAS TRIED: ${noKafka}.\n`)
  tell({ at: 5, step: 'Kafka, rolling update', seen: 'not tried', source: noKafka ?? '' })
})

describe.skipIf(noKafka !== undefined)('hivetap with Kafka on this cluster', () => {
  let namespace: StoryNamespace
  let pods: ClientPods
  let kafka: KafkaCluster
  let output: { kind: 'kafka'; brokers: readonly string[]; topic: string }

  beforeAll(async () => {
    namespace = await StoryNamespace.create(run, 'kafka', 'privileged')
    pods = await ClientPods.start(namespace, image)
    kafka = await startCluster({ host: kafkaHost ?? '' })
    await kafka.createTopic(TOPIC, { partitions: 2 })
    output = { kind: 'kafka', brokers: kafka.brokers, topic: TOPIC }
    await namespace.install(installation, image, output)
    await namespace.rolledOut(installation)
  })
  afterAll(async () => {
    await kafka?.close()
    await namespace?.close()
  })

  it('delivers the slow connect as the client saw it', async () => {
    const slow = await pods.slow()
    await until('the event on the topic', async () => (await told([slow.localPort], slow.netns)).length > 0)
    const [event] = await told([slow.localPort], slow.netns)
    expect(event).toMatchObject({
      k8s_node: pods.client.spec.nodeName,
      k8s_namespace: namespace.name,
      k8s_pod: pods.client.metadata.name,
      k8s_pod_uid: pods.client.metadata.uid,
      comm: slow.comm,
      uid: slow.uid,
      destination_address: pods.server.status.podIP,
      destination_port: pods.port,
      cause: 'syn_loss',
      retransmits: slow.retransmits,
    })
    expect(Number(event?.['latency_us'])).toBeLessThanOrEqual(slow.latencyUs)
    expect(Number(event?.['latency_us'])).toBeGreaterThan(990_000)
    tell({
      at: 5,
      step: 'Kafka',
      seen: `the event of a connect of ${seconds(Number(event?.['latency_us']))}, with its pod`,
      source: `the client’s own clock (${seconds(slow.latencyUs)}), read by Kafka’s own consumer`,
    })
  })

  it('is upgraded while connects go on, and none is missing', async () => {
    const before = await namespace.podsOf(installation)
    const connects = await pods.steady()
    await namespace.install(installation, image, output, 2)
    await namespace.rolledOut(installation)
    const { localPorts, netns } = await connects.end()
    const after = await namespace.podsOf(installation)
    const uids = new Set(before.map(({ metadata }) => metadata.uid))
    expect(after.filter(({ metadata }) => uids.has(metadata.uid))).toEqual([])
    const wanted = new Set(localPorts)
    await until('every connect on the topic', async () => {
      const seen = new Set((await told(localPorts, netns)).map((event) => event['source_port']))
      return [...wanted].every((port) => seen.has(port))
    })
    const audit = await auditTopic(kafka.brokers, TOPIC)
    expect(audit.verdict).toBe('proven')
    expect(audit.epochs.every(({ missing }) => missing === 0)).toBe(true)
    tell({
      at: 6,
      step: 'rolling update',
      seen: `${localPorts.length} of ${localPorts.length} connects that were made meanwhile; the audit says ${audit.verdict}, ${audit.epochs.length} epochs, none missing`,
      source: 'the client’s own list of its ports',
    })
  })

  it('is removed, and leaves nothing on cluster and nodes', async () => {
    await namespace.uninstall(installation, image, output)
    await onEveryNode('sweep', run, image)
    await expectNothingLeft(namespace, installation, image)
    const audit = await auditTopic(kafka.brokers, TOPIC)
    expect(audit.verdict).toBe('proven')
    tell({
      at: 7,
      step: 'uninstall',
      seen: 'no pod and no right; nothing on any node once its pins and spool were swept away',
      source: '`kubectl get`, the nodes’ folders',
    })
  })

  async function told(localPorts: readonly number[], netns: number) {
    const wanted = new Set(localPorts)
    const records = await readRecords(kafka, TOPIC)
    return connectsIn(records.map(({ value }) => value.toString('utf8'))).filter(
      (event) =>
        // Nodes of one machine tell each other's too; and before its end one is told as stuck.
        event['host'] === pods.client.spec.nodeName &&
        event['outcome'] === 'connected' &&
        event['netns'] === netns &&
        event['destination_address'] === pods.server.status.podIP &&
        wanted.has(Number(event['source_port'])),
    )
  }
})
