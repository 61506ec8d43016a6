import { isatty } from 'node:tty'
import { Command, CommanderError } from 'commander'
import { VERSION } from '../agent/version.js'
import { TOOLS } from '../probes/tools.js'
import { agentCommand } from './agent-command.js'
import { auditCommand } from './audit-command.js'
import { completionCommand } from './completion-command.js'
import { detectCommand } from './detect-command.js'
import { doctorCommand } from './doctor-command.js'
import { EXIT } from './exit-status.js'
import { healthCommand } from './health-command.js'
import { kafkaCommand } from './kafka-command.js'
import { listCommand } from './list-command.js'
import { queryCommand } from './query-command.js'
import { reportCommand } from './report-command.js'
import { reportError } from './report-error.js'
import { schemaCommand } from './schema-command.js'
import { print, STANDARD_STREAMS, tell } from './standard-streams.js'
import { toolCommand } from './tool-command.js'
import { traceCommand } from './trace-command.js'
import { unpinCommand } from './unpin-command.js'

/** What commander has to say: it is collected, and written when it is done. */
interface Said {
  out: string
  err: string
}

/** Runs hivetap; the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const terminals = STANDARD_STREAMS.filter((fd) => isatty(fd))
  const said: Said = { out: '', err: '' }
  const program = hivetap(said)
  const status = await run(program, args, said).catch((error: unknown) =>
    reportError(
      error,
      program.commands.some((command) => command.opts()['verbose'] === true),
    ),
  )
  // Node puts terminals back to how they were, and aborts where one has hung up: end as the hangup ends a program.
  if (!terminals.every((fd) => isatty(fd))) process.kill(process.pid, 'SIGHUP')
  return status
}

function hivetap(said: Said): Command {
  const program = new Command('hivetap')
    .description('Which TCP connects are slow or fail on this host, why, and whose they are.')
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
  for (const tool of TOOLS) adopt(program, toolCommand(tool))
  adopt(program, traceCommand())
  adopt(program, agentCommand())
  adopt(program, healthCommand())
  adopt(program, listCommand())
  adopt(program, doctorCommand())
  adopt(program, detectCommand())
  adopt(program, auditCommand())
  adopt(program, unpinCommand())
  adopt(program, queryCommand())
  adopt(program, reportCommand())
  adopt(program, schemaCommand())
  adopt(program, kafkaCommand())
  adopt(program, completionCommand(program))
  return program
}

/** Commands made elsewhere do not take over how errors are told. */
function adopt(program: Command, command: Command): void {
  inherit(program, command)
  program.addCommand(command)
}

function inherit(from: Command, to: Command): void {
  to.copyInheritedSettings(from)
  for (const command of to.commands) inherit(to, command)
}

async function run(program: Command, args: readonly string[], said: Said): Promise<number> {
  try {
    await program.parseAsync([...args], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    await print(said.out)
    await tell(said.err)
    return reportUsage(error)
  }
}

async function reportUsage(error: CommanderError): Promise<number> {
  if (error.exitCode === 0) return EXIT.ok
  // Called with nothing at all: commander has said what it can do.
  if (error.code === 'commander.help') return EXIT.usage
  const what = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
  await tell(`hivetap: ${what}. hivetap --help says how it is called.\n`)
  return EXIT.usage
}
