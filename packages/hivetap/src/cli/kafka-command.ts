import { Command, Option } from 'commander'
import { reader } from './command-option.js'
import { type BrokerOptions, brokerOptions, positive, retention } from './kafka-options.js'

/** What `hivetap kafka init` is called with. */
export interface InitOptions extends BrokerOptions {
  readonly topic: string
  readonly partitions?: number
  readonly replication?: number
  readonly retention?: number
  readonly minInsync?: number
  readonly yes?: true
}

/** `hivetap kafka`: what is to be done at a cluster once. */
export function kafkaCommand(): Command {
  const kafka = new Command('kafka')
    .summary('Set up a Kafka cluster for events')
    .description('What is to be done at a Kafka cluster once, before events go there.')
  kafka.addCommand(initCommand())
  return kafka
}

function initCommand(): Command {
  const command = new Command('init')
    .summary('Make the topic that events go to')
    .description(
      'Says what it would do, and does it with --yes. A topic that is there is never changed: in what it differs from ' +
        'what was asked for is said. Exit status: 0 if it is as asked for, was made or could be made; 3 if it differs.',
    )
  for (const option of brokerOptions())
    command.addOption(option.long === '--brokers' ? option.makeOptionMandatory() : option)
  command
    .requiredOption('--topic <NAME>', 'the topic; {tool} in it stands for the name of each tool')
    .addOption(number('--partitions <N>', 'its partitions; 6 for a new topic'))
    .addOption(
      number('--replication <N>', 'brokers that hold each; 3 for a new topic, where there are as many'),
    )
    .addOption(
      number('--min-insync <N>', 'of these, how many must have a record; all but one for a new topic'),
    )
    .addOption(
      new Option(
        '--retention <TIME>',
        'how long records are kept: 7d, 12h, forever; as the brokers have it without',
      ).argParser(reader(retention)),
    )
    .option('--yes', 'do it')
    .action(async (options: InitOptions) => {
      // The client takes time to load: nobody else waits for it.
      const { initTopics } = await import('./kafka-init.js')
      await initTopics(options)
    })
  return command
}

function number(flags: string, help: string): Option {
  return new Option(flags, help).argParser(reader(positive))
}
