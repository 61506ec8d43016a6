import { FILTER_FLAGS } from '../../probes/filters.js'
import type { AnyTool, Flag } from '../../probes/tool.js'
import { didYouMean } from '../../settings/near-match.js'

/** An option that a tool can be given in a configuration. */
export interface ToolOption {
  /** Its name there: the words of its long flag, joined by `_`. */
  readonly key: string
  /** Its name in the options that the tool is opened with. */
  readonly name: string
  readonly help: string
  /** What the help calls its value; absent for what is on or off. */
  readonly value?: string
  readonly parse?: (text: string) => unknown
}

/** What is wrong with a tool's option. */
export interface OptionProblem {
  readonly key: string
  readonly message: string
}

/** What counts instead of telling each thing: an agent delivers events. */
const COUNTING = new Set(['count', 'interval'])

/** The options of a tool: its argument and its flags, and the filters that all have. */
export function toolOptions({ argument, flags, counting }: AnyTool): readonly ToolOption[] {
  const own = counting === undefined ? flags : flags.filter(({ name }) => !COUNTING.has(name))
  const others = Object.values<Flag>(FILTER_FLAGS).filter(
    ({ name }) => !own.some((flag) => flag.name === name),
  )
  return [
    ...(argument === undefined
      ? []
      : [
          {
            key: argument.name.toLowerCase(),
            name: argument.option,
            help: argument.help,
            value: argument.name,
            parse: argument.parse,
          },
        ]),
    ...[...own, ...others].map(optionOfFlag),
  ]
}

function optionOfFlag({ name, flags, help, parse }: Flag): ToolOption {
  const long = /--(?<long>[a-z0-9-]+)/.exec(flags)?.groups?.['long'] ?? name
  const value = /[<[](?<value>.+)[>\]]$/.exec(flags)?.groups?.['value']
  return {
    key: long.replaceAll('-', '_'),
    name,
    help,
    ...(value === undefined ? {} : { value }),
    ...(parse === undefined ? {} : { parse }),
  }
}

/**
 * Reads a tool's options as they stand in a configuration.
 *
 * @returns what the tool is opened with, and what is wrong: then it is not to be opened
 */
export function readToolOptions(
  tool: AnyTool,
  given: Readonly<Record<string, unknown>>,
): { readonly options: Readonly<Record<string, unknown>>; readonly problems: readonly OptionProblem[] } {
  const known = toolOptions(tool)
  const options: Record<string, unknown> = {}
  const problems: OptionProblem[] = []
  for (const [key, value] of Object.entries(given)) {
    const option = known.find((one) => one.key === key)
    if (option === undefined) {
      const keys = known.map((one) => one.key)
      problems.push({ key, message: `${tool.name} has no such option${didYouMean(key, keys)}` })
      continue
    }
    try {
      const read = readValue(option, value)
      if (read !== undefined) options[option.name] = read
    } catch (error) {
      problems.push({
        key,
        message: `of ${tool.name}: ${error instanceof Error ? error.message : String(error)}`,
      })
    }
  }
  return { options, problems: [...problems, ...conflicts(tool, options)] }
}

/** A value as YAML has it; the parser of a flag takes the text that would stand on a command line. */
function readValue({ value, parse }: ToolOption, given: unknown): unknown {
  if (value === undefined) {
    if (typeof given !== 'boolean')
      throw new Error(`is on or off: true or false, not ${JSON.stringify(given)}`)
    return given ? true : undefined
  }
  const text = Array.isArray(given) ? given.map(scalarText).join(',') : scalarText(given)
  return parse === undefined ? text : parse(text)
}

function scalarText(given: unknown): string {
  if (typeof given === 'string' || typeof given === 'number') return String(given)
  throw new Error(`is a text or a number, not ${JSON.stringify(given)}`)
}

function conflicts({ flags }: AnyTool, options: Readonly<Record<string, unknown>>): OptionProblem[] {
  const keyOf = (name: string) => {
    const flag = flags.find((one) => one.name === name)
    return flag === undefined ? name : optionOfFlag(flag).key
  }
  return flags
    .filter(({ name }) => options[name] !== undefined)
    .flatMap(({ name, conflicts: others = [] }) =>
      others
        .filter((other) => options[other] !== undefined)
        .map((other) => ({ key: keyOf(name), message: `cannot stand beside ${keyOf(other)}` })),
    )
}
