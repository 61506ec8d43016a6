import { printable } from '../../stream/printable.js'

/** What is wrong at one place of a configuration. */
export interface ConfigProblem {
  /** `FILE:LINE:COLUMN`, `FILE`, or the flag `--spool-dir`. */
  readonly where: string
  /** The key, by its path: `sinks[1].topic`; empty where it is of none. */
  readonly key: string
  readonly message: string
}

/** A configuration that cannot be used: everything that is wrong with it. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(describeProblems(problems), options)
    this.problems = problems
  }
}

/** Problems that are told one by one; of more, how many they are. */
const MOST_TOLD = 20

function describeProblems(problems: readonly ConfigProblem[]): string {
  const more = problems.length - MOST_TOLD
  const lines = problems.slice(0, MOST_TOLD).map(describeProblem)
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}

/** A problem in a line. What stands in a file may be anything: no control character of it is shown. */
export function describeProblem({ where, key, message }: ConfigProblem): string {
  return printable([where, ...(key === '' ? [] : [key]), message].join(': '))
}

/** `['sinks', 1, 'topic']` → `sinks[1].topic`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}
