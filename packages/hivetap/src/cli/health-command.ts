import { Argument, Command, Option } from 'commander'
import { VERSION } from '../agent/version.js'
import { printable, printableJson } from '../stream/printable.js'
import { EXIT } from './exit-status.js'
import { print } from './standard-streams.js'

/** `hivetap health`: for probes of whoever looks after an agent. */
export function healthCommand(): Command {
  return new Command('health')
    .summary('Ask an agent whether it is well')
    .description(
      'Reads what an agent tells of its health, in its health.file or at its health.socket. Exit status: 0 it is well, ' +
        '1 it is not, or does not tell. A sink that is down is named, and is no reason: to start the agent anew would not mend it.',
    )
    .addArgument(new Argument('<PATH>', 'the file or the socket'))
    .addOption(
      new Option('-o, --output <FORMAT>', 'a line for people, or JSON, with all that the agent tells')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(async (path: string, { output }: { output: 'text' | 'json' }) => {
      const { readHealth } = await import('../agent/service/read-health.js')
      const { healthy, text, record } = await readHealth(path)
      const answer = { version: VERSION, healthy, text, health: record }
      await print(output === 'json' ? `${printableJson(JSON.stringify(answer))}\n` : `${printable(text)}\n`)
      if (!healthy) process.exitCode = EXIT.failure
    })
}
