import { Command } from 'commander'
import { FILTER_FLAGS } from '../probes/filters.js'
import { processId, userId } from '../probes/option-values.js'
import { type AnyTool, type Flag, RUNGS } from '../probes/tool.js'
import { optionOf, reader } from './command-option.js'
import { type RunOptions, runOptions } from './run-options.js'
import { runTrace } from './run-trace.js'
import { toolNamed } from './tool-named.js'

/** What all tools can be asked, whatever they tell of. */
const FLAGS: readonly Flag[] = [
  { name: 'pid', flags: '-p, --pid <PID>', help: 'only this process', parse: processId },
  { name: 'uid', flags: '-u, --uid <UID>', help: 'only this user', parse: userId },
  ...Object.values(FILTER_FLAGS),
]

/** `hivetap trace`: several tools at once. */
export function traceCommand(): Command {
  const command = new Command('trace')
    .summary('Run several tools at once, their events in one stream')
    .description(
      'Several tools in one process: their events come through one buffer, in the order of their times. What a tool can ' +
        'be asked besides is asked of it alone.',
    )
    .argument('<TOOLS>', 'their names: tcpconnlat,execsnoop', reader(toolList))
  for (const flag of FLAGS) command.addOption(optionOf(flag))
  for (const option of runOptions(RUNGS, FLAGS)) command.addOption(option)
  return command.action(async (tools: readonly AnyTool[]) => {
    const given: RunOptions & Record<string, unknown> = command.opts()
    await runTrace(tools, given, given)
  })
}

/** `a,b` → the tools, each once. */
function toolList(text: string): readonly AnyTool[] {
  return [...new Set(text.split(',').map((name) => toolNamed(name.trim())))]
}
