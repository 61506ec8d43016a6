import { InvalidArgumentError, Option } from 'commander'
import type { Flag } from '../probes/tool.js'

/** A flag of a tool as commander wants it. */
export function optionOf({ flags, help, parse, conflicts }: Flag): Option {
  const option = new Option(flags, help)
  if (parse !== undefined) option.argParser(gatherer(reader(parse)))
  if (conflicts !== undefined) option.conflicts([...conflicts])
  return option
}

/** A reader of values as commander wants it: what it throws becomes the command's message. */
export function reader(parse: (text: string) => unknown): (text: string) => unknown {
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
