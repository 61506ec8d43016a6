import { Command } from 'commander'
import { FILTER_FLAGS } from '../probes/filters.js'
import type { AnyTool, Flag } from '../probes/tool.js'
import { optionOf, reader } from './command-option.js'
import { type RunOptions, runOptions } from './run-options.js'
import { runTool } from './run-tool.js'

/** A tool's own flags, and those that every tool has. */
function flagsOf({ flags }: AnyTool): readonly Flag[] {
  return [
    ...flags,
    ...Object.values(FILTER_FLAGS).filter(({ name }) => !flags.some((own) => own.name === name)),
  ]
}

/** The command of a tool, made from its definition. */
export function toolCommand(tool: AnyTool): Command {
  const command = new Command(tool.name).summary(tool.summary).description(tool.description)
  if (tool.argument !== undefined)
    command.argument(`[${tool.argument.name}]`, tool.argument.help, reader(tool.argument.parse))
  for (const flag of flagsOf(tool)) command.addOption(optionOf(flag))
  for (const option of runOptions(tool.rungs)) command.addOption(option)
  command.action(async (...args: unknown[]) => {
    const [first] = tool.argument === undefined ? [undefined] : args
    const given: RunOptions & Record<string, unknown> = command.opts()
    const options =
      tool.argument === undefined || first === undefined ? given : { ...given, [tool.argument.option]: first }
    await runTool(tool, options, given)
  })
  return command
}
