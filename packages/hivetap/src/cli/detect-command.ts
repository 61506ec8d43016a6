import { Command, Option } from 'commander'
import { durationWithin } from '../settings/duration.js'
import { reader } from './command-option.js'
import type { DetectOptions } from './detect/detect-options.js'
import { wantedKey } from './detect/wanted-key.js'
import { brokerOptions, topicName } from './kafka-options.js'

const EXAMPLES = `
Connects that took longer than 100 ms, as they are told:
  hivetap tcpconnlat | hivetap detect --over 100ms
  tcpconnlat-bpfcc -t | hivetap detect --over 100ms

What is unusual for each source and destination, of all nodes, from a topic:
  hivetap detect --brokers HOST:9092 --topic hivetap.events

Why there was no alert:
  hivetap detect --file events.json --explain destination=10.0.0.7:5432

With --exit-code: 0 there were alerts, 1 there were none, 2 it failed; without:
0 it was ended, 1 it failed, 2 it was called wrongly. docs/detection.md tells of
rules, and of where alerts can go.
`

/** `hivetap detect`: finds connects that take too long, fail or hang. */
export function detectCommand(): Command {
  const command = new Command('detect')
    .summary('Find connects that take too long, fail or hang')
    .description(
      'Reads connects from standard input, a file, the store or a topic, and tells those that take longer than a limit or ' +
        'than is usual, fail or hang: when that begins, becomes much worse and ends. It reads the JSON of hivetap, and the ' +
        'tables of hivetap, bcc, its Go port and bpftrace.',
    )
    .addHelpText('after', EXAMPLES)
    .addOption(
      new Option(
        '--over <TIME>',
        'tell connects that took so long or longer, such as 100ms; without, what is unusual',
      ).argParser(reader(durationWithin('1ms', '1h'))),
    )
    .addOption(
      new Option('--window <TIME>', 'with --over: what is looked at together, 5s by itself').argParser(
        reader(durationWithin('1s', '1d')),
      ),
    )
    .addOption(new Option('--rules <FILE>', 'what to find, as YAML').conflicts(['over', 'window']))
    .addOption(
      new Option(
        '--lateness <TIME>',
        'how far connects may be out of order; alerts wait for that long',
      ).argParser(reader(durationWithin('0s', '1h'))),
    )
    .addOption(new Option('--file <PATH>', 'read this file; -, as without, is standard input'))
    .addOption(
      new Option(
        '--header <COLUMNS>',
        'the header of a table that is read without it, as the tool prints it',
      ),
    )
    .addOption(
      new Option('--store <FILE>', 'read the store that an agent writes').conflicts(['file', 'topic']),
    )
  for (const option of brokerOptions()) command.addOption(option)
  return command
    .addOption(
      new Option('--topic <TOPIC>', 'read this topic').argParser(reader(topicName)).conflicts(['file']),
    )
    .addOption(
      new Option('--group <NAME>', 'consumer group that remembers how far the topic is read').default(
        'hivetap-detect',
      ),
    )
    .addOption(
      new Option(
        '--from-beginning',
        'where the group has read nothing yet, begin with the first record of the topic and not with the next',
      ),
    )
    .addOption(
      new Option(
        '--explain <KEY>',
        'in place of alerts, say of a key what each rule found, window by window: destination=10.0.0.7:5432',
      ).argParser(reader(wantedKey)),
    )
    .addOption(new Option('--state <FILE>', 'remember in this file what is usual and which alerts are open'))
    .addOption(
      new Option('--alertmanager <URL,...>', 'tell Alertmanager too').argParser(
        reader((text) => text.split(',').map((url) => url.trim())),
      ),
    )
    .addOption(new Option('--exit-code', 'say by the exit status whether there were alerts'))
    .addOption(
      new Option('-o, --output <FORMAT>', 'alerts for people, as without, or JSON a line').choices([
        'text',
        'json',
      ]),
    )
    .action(async (options: DetectOptions) => {
      const { brokers, topic, window, over } = options
      if ((brokers === undefined) !== (topic === undefined))
        command.error("error: '--brokers' and '--topic' go together", { code: 'hivetap.missingFlag' })
      if (window !== undefined && over === undefined)
        command.error("error: '--window' goes with '--over'; a rule has its own", {
          code: 'hivetap.missingFlag',
        })
      // What reads and detects takes time to load: nobody else waits for it.
      const { runDetect } = await import('./detect/run-detect.js')
      await runDetect(options)
    })
}
