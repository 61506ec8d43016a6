import { TOOLS } from '../probes/tools.js'
import { agentCommand } from './agent-command.js'
import { auditCommand } from './audit-command.js'
import { completionCommand } from './completion-command.js'
import { detectCommand } from './detect-command.js'
import { doctorCommand } from './doctor-command.js'
import { healthCommand } from './health-command.js'
import { kafkaCommand } from './kafka-command.js'
import { listCommand } from './list-command.js'
import { queryCommand } from './query-command.js'
import { reportCommand } from './report-command.js'
import { reportError } from './report-error.js'
import { adopt, newProgram, type Program, runProgram } from './run-program.js'
import { schemaCommand } from './schema-command.js'
import { toolCommand } from './tool-command.js'
import { traceCommand } from './trace-command.js'
import { unpinCommand } from './unpin-command.js'

/** Runs hivetap; the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  return runProgram(hivetap(), args, reportError)
}

function hivetap(): Program {
  const made = newProgram(
    'hivetap',
    'Which TCP connects are slow or fail on this host, why, and whose they are.',
  )
  const { command: program } = made
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
  return made
}
