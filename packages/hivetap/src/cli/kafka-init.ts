import { TOOLS } from '../probes/tools.js'
import { TopicAdmin } from '../sinks/kafka/topic-admin.js'
import { planTopic, type TopicPlan } from '../sinks/kafka/topic-plan.js'
import { within } from '../sinks/kafka/within.js'
import { printable } from '../stream/printable.js'
import { EXIT } from './exit-status.js'
import { brokersOf } from './kafka-brokers.js'
import type { InitOptions } from './kafka-command.js'
import { print } from './standard-streams.js'

/** Nobody waits longer for a cluster, topic by topic. */
const DEADLINE_MS = 60_000

/**
 * Says what is to be done about the topics, and does it if that was asked for. Sets the exit status.
 *
 * @throws {InvalidArgumentError} if the options do not go together
 * @throws {DeliveryError} if the cluster cannot be asked, or refuses
 */
export async function initTopics(options: InitOptions): Promise<void> {
  const config = brokersOf(options)
  const admin = new TopicAdmin(await import('../sinks/kafka/client-library.js'), config)
  const never = new AbortController().signal
  try {
    for (const topic of topicsOf(options.topic)) {
      await within(DEADLINE_MS, [never], () => initTopic(admin, topic, options))
    }
  } finally {
    admin.close()
  }
}

/** One topic, or one a tool and one for the agent’s own records, as the destination has it. */
function topicsOf(template: string): string[] {
  const names = [...TOOLS.map(({ name }) => name), 'agent']
  return [...new Set(names.map((name) => template.replaceAll('{tool}', name)))]
}

async function initTopic(admin: TopicAdmin, topic: string, options: InitOptions): Promise<void> {
  const { partitions, replication, minInsync, retention: retentionMs } = options
  const wish = { partitions, replication, minInsync, retentionMs }
  const cluster = await admin.describe(topic)
  const plan = planTopic(topic, wish, cluster)
  if (plan.kind === 'create') {
    await admin.create(topic, plan.shape, options.yes !== true)
    await print(
      `${describePlan(plan)}${options.yes === true ? 'It is made.\n' : 'It was not made: --yes does it.\n'}`,
    )
  } else await print(describePlan(plan))
  if (plan.kind === 'different') process.exitCode = EXIT.different
}

/** What is to be done, in lines for people. */
function describePlan(plan: TopicPlan): string {
  const topic = printable(plan.topic)
  if (plan.kind === 'different') {
    const lines = plan.differences.map(
      ({ what, is, wanted }) => `  ${what.padEnd(20)} is ${printable(is)}, and was to be ${wanted}`,
    )
    return `Topic ${topic} is there, and differs. It is not changed:\n${lines.join('\n')}\n`
  }
  if (plan.kind === 'equal') return `Topic ${topic} is there, as it was asked for.\n`
  const { partitions, replication, configs } = plan.shape
  const rows = [['partitions', partitions], ['replication factor', replication], ...configs]
  const lines = rows.map(([what, value]) => `  ${String(what).padEnd(20)} ${value}`)
  return `Topic ${topic} is not there. New:\n${lines.join('\n')}\n`
}
