import { Help } from 'commander'
import { completionCommand } from '../cli/completion-command.js'
import { EXIT } from '../cli/exit-status.js'
import { reportError } from '../cli/report-error.js'
import { adopt, newProgram, type Program, runProgram } from '../cli/run-program.js'
import { tell } from '../cli/standard-streams.js'
import { toolCommand } from '../cli/tool-command.js'
import { traceCommand } from '../cli/trace-command.js'
import { TOOLS } from '../probes/tools.js'
import { connectionOptions } from './cluster/connection-flags.js'
import { givenFlags } from './cluster/given-flags.js'
import { Kubectl } from './cluster/kubectl.js'
import { KubectlError } from './cluster/kubectl-error.js'
import { doctorCommand } from './doctor/doctor-command.js'
import { fleetCommand } from './fleet-command.js'
import { installCommand } from './install/install-command.js'
import { uninstallCommand } from './install/uninstall-command.js'
import { statusCommand } from './status/status-command.js'

const NAME = 'kubectl-hivetap'

/** Runs `kubectl hivetap`; the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  return runProgram(plugin(), args, report)
}

/** The commands of `kubectl hivetap`, as they are run and completed. */
export function plugin(): Program {
  const made = newProgram(
    NAME,
    'hivetap on the nodes of a cluster: install it, see how it does, and run its tools on all nodes at once.',
  )
  const { command: program } = made
  const connection = connectionOptions()
  for (const option of connection) program.addOption(option)
  const flags = givenFlags(program, connection)
  const kubectl = () => new Kubectl(flags)
  // kubectl finds it by the name of its file; people call it with a space.
  program.configureHelp({
    commandUsage: (command) => new Help().commandUsage(command).replace(NAME, 'kubectl hivetap'),
  })
  adopt(program, installCommand(kubectl))
  adopt(program, uninstallCommand(kubectl))
  adopt(program, statusCommand(kubectl))
  adopt(program, doctorCommand(kubectl))
  for (const tool of TOOLS) adopt(program, fleetCommand(toolCommand(tool), tool, kubectl))
  adopt(program, fleetCommand(traceCommand(), undefined, kubectl))
  adopt(program, completionCommand(program))
  return made
}

async function report(error: unknown, verbose: boolean): Promise<number> {
  if (!(error instanceof KubectlError)) return reportError(error, verbose)
  const hint = error.hint === undefined ? '' : ` ${error.hint}`
  await tell(`hivetap: ${error.message.replace(/[.]$/, '')}.${hint}\n`)
  return EXIT.failure
}
