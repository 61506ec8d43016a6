import type { z } from 'zod'
import { didYouMean } from '../../settings/near-match.js'

type Issue = z.core.$ZodIssue

/** What is wrong at a path. */
export interface PathProblem {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/**
 * What zod found, in words: one problem a key.
 *
 * @param keysAt the keys that may stand in the map at a path, to find what was meant by one that may not
 */
export function describeIssues(
  issues: readonly Issue[],
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): readonly PathProblem[] {
  return issues.flatMap((issue) => describe(issue, keysAt))
}

function describe(
  issue: Issue,
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): readonly PathProblem[] {
  const { path } = issue
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `there is no such key${didYouMean(key, keysAt(path))}`,
      }))
    case 'invalid_type':
      return [{ path, message: typeMessage(issue) }]
    case 'invalid_value':
      return [{ path, message: choiceMessage(issue.values.map(String), issue.input) }]
    case 'invalid_union':
      return union(issue, keysAt)
    case 'too_small':
      return [
        { path, message: own(issue) ?? `is too small: ${limit(issue.origin, 'at least', issue.minimum)}` },
      ]
    case 'too_big':
      return [
        { path, message: own(issue) ?? `is too large: ${limit(issue.origin, 'at most', issue.maximum)}` },
      ]
    default:
      return [{ path, message: issue.message }]
  }
}

function typeMessage(issue: Issue & { code: 'invalid_type' }): string {
  if (issue.input === undefined) return 'is missing'
  if (issue.expected === 'never') return 'cannot stand here'
  return own(issue) ?? `is ${article(TYPES[issue.expected] ?? issue.expected)}, not ${shown(issue.input)}`
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'whole number',
  boolean: 'true or false',
  array: 'list',
  object: 'map of keys',
  record: 'map of keys',
}

function article(what: string): string {
  return what === 'true or false' ? what : `a ${what}`
}

function choiceMessage(values: readonly string[], input: unknown): string {
  const near = typeof input === 'string' ? didYouMean(input, values) : ''
  const choice = values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`
  return input === undefined ? `is missing: it is ${choice}` : `is ${choice}, not ${shown(input)}${near}`
}

/** Of a union that is told by no key: what is wrong with the part that was meant, where only one can have been. */
function union(
  issue: Issue & { code: 'invalid_union' },
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): readonly PathProblem[] {
  if (issue.discriminator !== undefined) {
    const { options = [], discriminator } = issue as { options?: readonly unknown[]; discriminator: string }
    const { input } = issue
    const written =
      typeof input === 'object' && input !== null ? Reflect.get(input, discriminator) : undefined
    return [{ path: issue.path, message: choiceMessage(options.map(String), written) }]
  }
  const meant = issue.errors.filter(
    (branch) => !branch.some((one) => one.code === 'invalid_type' && one.path.length === 0),
  )
  const [only] = meant
  if (only !== undefined && meant.length === 1)
    return describeIssues(
      only.map((one) => ({ ...one, path: [...issue.path, ...one.path] }) as Issue),
      keysAt,
    )
  if (own(issue) !== undefined) return [{ path: issue.path, message: issue.message }]
  const expected = issue.errors
    .flatMap(([first]) =>
      first?.code === 'invalid_type' ? [article(TYPES[first.expected] ?? first.expected)] : [],
    )
    .join(' or ')
  return [{ path: issue.path, message: `is ${expected}, not ${shown(issue.input)}` }]
}

/** What the schema says itself; zod's own words begin with `Invalid` or `Too`. */
function own({ message }: Issue): string | undefined {
  return /^(Invalid|Too |Unrecognized)/.test(message) ? undefined : message
}

function limit(origin: string, which: string, bound: number | bigint): string {
  const unit: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', set: ' entries' }
  return `${which} ${bound}${unit[origin] ?? ''}`
}

/** A value that was written, short. */
function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object' && input !== null) return 'a map of keys'
  if (input === null) return 'nothing'
  const text = typeof input === 'string' ? JSON.stringify(input) : String(input)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
