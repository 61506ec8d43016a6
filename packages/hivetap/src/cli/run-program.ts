import { isatty } from 'node:tty'
import { Command, CommanderError } from 'commander'
import { VERSION } from '../agent/version.js'
import { EXIT } from './exit-status.js'
import { print, STANDARD_STREAMS, tell } from './standard-streams.js'

/** What commander has to say: it is collected, and written when it is done. */
interface Said {
  out: string
  err: string
}

/** A program of commands, as it is called: `name` stands in front of what is said of a wrong command line. */
export interface Program {
  readonly command: Command
  readonly said: Said
}

/** A program without commands yet: they are added by `adopt`. */
export function newProgram(name: string, description: string): Program {
  const said: Said = { out: '', err: '' }
  const command = new Command(name)
    .description(description)
    .version(VERSION, '-V, --version')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        said.out += text
      },
      writeErr: (text) => {
        said.err += text
      },
      outputError: () => undefined,
    })
  return { command, said }
}

/** Adds a command that was made elsewhere: it does not take over how errors are told. */
export function adopt(program: Command, command: Command): void {
  inherit(program, command)
  program.addCommand(command)
}

function inherit(from: Command, to: Command): void {
  to.copyInheritedSettings(from)
  for (const command of to.commands) inherit(to, command)
}

/**
 * Runs a program; the exit status.
 *
 * @param report tells an error that is none of the command line; the exit status
 */
export async function runProgram(
  program: Program,
  args: readonly string[],
  report: (error: unknown, verbose: boolean) => Promise<number>,
): Promise<number> {
  const terminals = STANDARD_STREAMS.filter((fd) => isatty(fd))
  const status = await run(program, args).catch((error: unknown) =>
    report(
      error,
      program.command.commands.some((command) => command.opts()['verbose'] === true),
    ),
  )
  // Node puts terminals back to how they were, and aborts where one has hung up: end as the hangup ends a program.
  if (!terminals.every((fd) => isatty(fd))) process.kill(process.pid, 'SIGHUP')
  return status
}

async function run({ command, said }: Program, args: readonly string[]): Promise<number> {
  try {
    await command.parseAsync([...args], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    await print(said.out)
    await tell(said.err, 'error')
    return reportUsage(command.name(), error)
  }
}

async function reportUsage(name: string, error: CommanderError): Promise<number> {
  if (error.exitCode === 0) return EXIT.ok
  // Called with nothing at all: commander has said what it can do.
  if (error.code === 'commander.help') return EXIT.usage
  const what = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
  await tell(`hivetap: ${what}. ${name} --help says how it is called.\n`, 'error')
  return EXIT.usage
}
