import { Command } from 'commander'
import { COUNT_FLAGS } from '../probes/counting.js'
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

/** Whether each flag stands beside the one that it needs: commander knows conflicts alone. */
function checkNeeds(
  command: Command,
  flags: readonly Flag[],
  given: Readonly<Record<string, unknown>>,
): void {
  for (const { name, flags: text, needs } of flags) {
    if (needs === undefined || given[name] === undefined || given[needs] !== undefined) continue
    const needed = flags.find((flag) => flag.name === needs)?.flags
    command.error(`error: option '${text}' cannot be used without option '${needed}'`, {
      code: 'hivetap.missingFlag',
    })
  }
}

/** The command of a tool, made from its definition. */
export function toolCommand(tool: AnyTool): Command {
  const command = new Command(tool.name).summary(tool.summary).description(tool.description)
  if (tool.argument !== undefined)
    command.argument(`[${tool.argument.name}]`, tool.argument.help, reader(tool.argument.parse))
  for (const flag of flagsOf(tool)) {
    const option = optionOf(flag)
    // What is counted in the kernel comes through no buffer.
    if (tool.counting !== undefined && flag.name === COUNT_FLAGS.count.name) option.conflicts('buffer')
    command.addOption(option)
  }
  for (const option of runOptions(tool.rungs, flagsOf(tool))) command.addOption(option)
  command.action(async (...args: unknown[]) => {
    const [first] = tool.argument === undefined ? [undefined] : args
    const given: RunOptions & Record<string, unknown> = command.opts()
    checkNeeds(command, tool.flags, given)
    const options =
      tool.argument === undefined || first === undefined ? given : { ...given, [tool.argument.option]: first }
    await runTool(tool, options, given)
  })
  return command
}
