import { Command, Option } from 'commander'
import { type Audit, auditOf } from '../audit/audit.js'
import { auditJson } from '../audit/audit-json.js'
import { auditText } from '../audit/audit-text.js'
import { EXIT_OF_VERDICT } from '../audit/verdict.js'
import { printableJson } from '../stream/printable.js'
import { InputError } from '../topic/input-error.js'
import type { TopicAccess } from '../topic/topic-access.js'
import type { AuditInput } from './audit-input.js'
import { reader } from './command-option.js'
import { type BrokerOptions, brokerOptions, topicName } from './kafka-options.js'
import { print } from './standard-streams.js'
import { duration, timeOrAgo } from './time-options.js'

interface AuditCommandOptions extends Omit<BrokerOptions, 'brokers'> {
  readonly brokers?: readonly string[]
  readonly topic?: string
  readonly file?: string
  readonly since?: number
  readonly until?: number
  readonly grace: number
  readonly sink?: readonly string[]
  readonly strict?: boolean
  readonly output: 'table' | 'json'
}

const STATUSES = `
Exit status, the worst that is found:
  0  proven: received + declared lost = produced, for every epoch
  1  it failed: the brokers cannot be reached, or there is nothing to audit
  2  it was called wrongly
  3  declared losses, with --strict
  4  without account: an epoch was cut (its agent was killed), or is silent for longer than --grace
  5  unreadable: there are records that cannot be read
  6  incomplete: a bound was reached, or records were deleted or compacted away
  7  missing: records are gone, and nobody declared them lost
  8  contradiction: accounts do not go together, or one id stands for two records
docs/audit.md says what to do about each.`

/** Three times as long as an agent is silent: it gives its account each minute. */
const GRACE_MS = 180_000

/** `hivetap audit`: holds what arrived against what was produced. */
export function auditCommand(): Command {
  const nowMs = Date.now()
  const time = reader(timeOrAgo(nowMs))
  const command = new Command('audit')
    .summary('Prove that what was produced arrived, or was declared lost')
    .description(
      'Reads a topic, or the lines of a file, and proves for each run of each agent that received + declared lost = ' +
        'produced; or says what is missing. It joins no consumer group.',
    )
    .addHelpText('after', STATUSES)
  for (const option of brokerOptions()) command.addOption(option)
  command.addOption(new Option('--topic <TOPIC>', 'the topic').argParser(reader(topicName)))
  return command
    .addOption(
      new Option('--file <PATH>', 'a file of JSON lines in place of a topic; - is standard input').conflicts([
        'brokers',
        'topic',
      ]),
    )
    .addOption(
      new Option(
        '--since <TIME>',
        'only what happened since: RFC 3339, or how long ago, such as 1h',
      ).argParser(time),
    )
    .addOption(new Option('--until <TIME>', 'only what happened until then').argParser(time))
    .addOption(
      new Option('--grace <DURATION>', 'how long an agent may be silent, and a record be on its way')
        .argParser(reader(duration))
        .default(GRACE_MS, '3m'),
    )
    .addOption(
      new Option(
        '--sink <NAME,...>',
        'count losses that these sinks declared; without, those of all',
      ).argParser(reader((text) => text.split(',').map((name) => name.trim()))),
    )
    .addOption(new Option('--strict', 'declared losses are a status of their own'))
    .addOption(
      new Option('-o, --output <FORMAT>', 'a table for people, or JSON')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(async (options: AuditCommandOptions) => {
      const { file, brokers, topic, since, until, grace } = options
      if (file === undefined && (brokers === undefined || topic === undefined))
        command.error("error: either '--brokers' and '--topic' or '--file' is needed", {
          code: 'hivetap.missingFlag',
        })
      if (since !== undefined && until !== undefined && since > until)
        command.error("error: '--since' is later than '--until'", { code: 'hivetap.since' })
      // What reads takes time to load: nobody else waits for it.
      const { auditFile, auditTopic } = await import('./audit-input.js')
      const asked = { sinceMs: since, untilMs: until, graceMs: grace }
      const input =
        file === undefined
          ? await auditTopic(await topicAccess(options, brokers ?? [], topic ?? ''), { ...asked, nowMs })
          : await auditFile(file, asked)
      await report(input, options)
    })
}

async function topicAccess(
  options: AuditCommandOptions,
  brokers: readonly string[],
  topic: string,
): Promise<TopicAccess> {
  const { brokersOf } = await import('./kafka-brokers.js')
  return { ...brokersOf({ ...options, brokers }), topic }
}

async function report(
  { accountant, remarks, notes }: AuditInput,
  options: AuditCommandOptions,
): Promise<void> {
  const audit = auditOf(accountant, { sinks: options.sink, strict: options.strict === true, remarks, notes })
  if (isEmpty(audit))
    throw new InputError(
      audit.counts.records === 0
        ? 'There is nothing to audit: no record was found'
        : 'There is nothing to audit: none of the records falls into the time asked for',
    )
  await print(
    options.output === 'json'
      ? `${printableJson(JSON.stringify(auditJson(audit), undefined, 2))}\n`
      : auditText(audit),
  )
  process.exitCode = EXIT_OF_VERDICT[audit.verdict]
}

/** An audit of nothing proves nothing. */
function isEmpty({ epochs, verdict }: Audit): boolean {
  return epochs.length === 0 && verdict === 'proven'
}
