import { Command, CommanderError } from 'commander'
import { TOOLS } from '../probes/tools.js'
import { doctorCommand } from './doctor-command.js'
import { EXIT } from './exit-status.js'
import { reportError } from './report-error.js'
import { toolCommand } from './tool-command.js'
import { VERSION } from './version.js'

/** Runs hivetap; the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('hivetap')
    .description('Which TCP connects are slow or fail on this host, why, and whose they are.')
    .version(VERSION, '-V, --version')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
  for (const tool of TOOLS) adopt(program, toolCommand(tool))
  adopt(program, doctorCommand())
  try {
    await program.parseAsync([...args], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error)
    return reportError(error, args.includes('-v') || args.includes('--verbose'))
  }
}

/** Commands made elsewhere do not take over how errors are told. */
function adopt(program: Command, command: Command): void {
  command.copyInheritedSettings(program)
  program.addCommand(command)
}

function reportUsage(error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.ok
  // Called with nothing at all: commander has said what it can do.
  if (error.code === 'commander.help') return EXIT.usage
  process.stderr.write(
    `hivetap: ${error.message.replace(/^error: /, '').replace(/\.$/, '')}. hivetap --help says how it is called.\n`,
  )
  return EXIT.usage
}
