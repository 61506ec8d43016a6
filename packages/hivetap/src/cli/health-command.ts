import { Argument, Command } from 'commander'
import { printable } from '../stream/printable.js'
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
    .action(async (path: string) => {
      const { readHealth } = await import('../agent/service/read-health.js')
      const { healthy, text } = await readHealth(path)
      await print(`${printable(text)}\n`)
      if (!healthy) process.exitCode = EXIT.failure
    })
}
