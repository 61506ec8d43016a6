import { ConfigError, type ConfigProblem } from './config-error.js'
import type { ConfigKey } from './config-key.js'

/** What flags said, laid over what a file says. */
export interface WithFlags {
  readonly value: Readonly<Record<string, unknown>>
  /** The flag that a path was said by, by `path.join('.')`. */
  readonly flags: ReadonlyMap<string, string>
}

/** A flag that was given, with its text: `true` for one without. */
export interface GivenFlag {
  readonly key: ConfigKey
  /** The type of the sink that it is of. */
  readonly sink?: string
  readonly given: string | readonly string[] | true
}

/** `--sink TYPE`: a sink of that type, with nothing said of it. */
export const SINK_FLAG = '--sink'

/**
 * Lays flags over a file's value: what both say is as the flag says. A list is replaced as a whole. The flags of a sink
 * are of the one sink of that type, which is added where there is none.
 *
 * @throws {ConfigError} if the file has several sinks of a type that a flag is of
 */
export function layFlags(
  file: Readonly<Record<string, unknown>>,
  given: readonly GivenFlag[],
  sinkTypes: readonly string[],
): WithFlags {
  const value = structuredClone(file) as Record<string, unknown>
  const flags = new Map<string, string>()
  const problems: ConfigProblem[] = []
  for (const type of sinkTypes) sinkOf(value, type, SINK_FLAG, flags)
  for (const { key, sink, given: text } of given) {
    const flag = key.flag ?? ''
    const base = sink === undefined ? [] : sinkOf(value, sink, flag, flags)
    if (base === undefined)
      problems.push({
        where: flag,
        key: '',
        message: `the file has several sinks of type ${sink}: say there which`,
      })
    else {
      const path = [...base, ...key.path]
      put(value, path, valueOfFlag(key, text))
      flags.set(path.join('.'), flag)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return { value, flags }
}

/** Where the one sink of a type stands: it is added where there is none; `undefined` where there are several. */
function sinkOf(
  value: Record<string, unknown>,
  type: string,
  flag: string,
  flags: Map<string, string>,
): readonly (string | number)[] | undefined {
  value['sinks'] ??= []
  const sinks = value['sinks']
  // What is no list is said to be none by the schema.
  if (!Array.isArray(sinks)) return ['sinks', 0]
  const found = sinks.flatMap((sink: unknown, index) => (isMap(sink) && sink['type'] === type ? [index] : []))
  if (found.length > 1) return undefined
  const [index = sinks.push({ type }) - 1] = found
  if (found.length === 0) flags.set(`sinks.${index}`, flag)
  return ['sinks', index]
}

function put(root: Record<string, unknown>, path: readonly (string | number)[], value: unknown): void {
  let at: Record<string | number, unknown> = root
  for (const part of path.slice(0, -1)) {
    if (Object.hasOwn(at, part) && isMap(at[part])) at = at[part] as Record<string, unknown>
    else if (Array.isArray(at[part])) at = at[part] as unknown as Record<number, unknown>
    // A file's `spool:` with nothing behind it is one that says nothing; what is no map, the schema refuses.
    else if (at[part] == null) at = at[part] = {} as Record<string, unknown>
    else return
  }
  at[path.at(-1) as string] = value
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What does not read as a number stays a text, which the schema refuses in its own words. */
function valueOfFlag({ type }: ConfigKey, given: string | readonly string[] | true): unknown {
  if (type === 'texts')
    return (Array.isArray(given) ? given : [String(given)]).flatMap((text: string) =>
      text.split(',').map((part) => part.trim()),
    )
  const text = typeof given === 'object' ? given.at(-1) : given
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if (type === 'number' && typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  return text
}
