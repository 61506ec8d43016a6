import { Command, InvalidArgumentError, Option } from 'commander'
import { seconds } from '../probes/option-values.js'
import { type AnyTool, BUFFERS, type BufferKind, type Rung } from '../probes/tool.js'
import { runTool } from './run-tool.js'

/** What commander gives for the options of `addCommonOptions`. */
interface CommonOptions {
  readonly output: 'table' | 'json'
  readonly duration?: number
  readonly stats?: boolean
  readonly verbose?: boolean
  readonly hook?: Rung
  readonly buffer?: BufferKind
}

/** The command of a tool, made from its definition. */
export function toolCommand(tool: AnyTool): Command {
  const command = new Command(tool.name).summary(tool.summary).description(tool.description)
  if (tool.argument !== undefined)
    command.argument(`[${tool.argument.name}]`, tool.argument.help, reader(tool.argument.parse))
  for (const flag of tool.flags) {
    const option = new Option(flag.flags, flag.help)
    if (flag.parse !== undefined) option.argParser(gatherer(reader(flag.parse)))
    if (flag.conflicts !== undefined) option.conflicts([...flag.conflicts])
    command.addOption(option)
  }
  addCommonOptions(command, tool)
  command.action(async (...args: unknown[]) => {
    const [first] = tool.argument === undefined ? [undefined] : args
    const given: CommonOptions & Record<string, unknown> = command.opts()
    const options =
      tool.argument === undefined || first === undefined ? given : { ...given, [tool.argument.option]: first }
    await runTool(tool, options, {
      output: given.output,
      stats: given.stats === true,
      verbose: given.verbose === true,
      ...(given.duration === undefined ? {} : { duration: given.duration }),
      ...(given.hook === undefined ? {} : { hook: given.hook }),
      ...(given.buffer === undefined ? {} : { buffer: given.buffer }),
    })
  })
  return command
}

function addCommonOptions(command: Command, tool: AnyTool): void {
  command
    .addOption(
      new Option('-o, --output <FORMAT>', 'table, or an event a line')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addOption(new Option('--duration <S>', 'end after so many seconds').argParser(reader(seconds)))
    .addOption(
      new Option('--stats', 'say at the end what was seen and what was lost; without, only if something was'),
    )
    .addOption(
      new Option('--hook <RUNG>', 'how to attach, instead of the best that works').choices([...tool.rungs]),
    )
    .addOption(
      new Option(
        '--buffer <KIND>',
        'how events come from the kernel, instead of the best that works',
      ).choices([...BUFFERS]),
    )
    .addOption(new Option('-v, --verbose', 'say what was chosen and why, and on an error what led to it'))
}

/** A reader of values as commander wants it: what it throws becomes the command's message. */
function reader(parse: (text: string) => unknown): (text: string) => unknown {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
    }
  }
}

/** A reader for a flag that may be given again: lists are joined, each value once; of anything else the last counts. */
function gatherer(read: (text: string) => unknown): (text: string, before: unknown) => unknown {
  return (text, before) => {
    const value = read(text)
    return Array.isArray(value) && Array.isArray(before) ? [...new Set([...before, ...value])] : value
  }
}
