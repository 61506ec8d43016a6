import type { PathProblem } from './issues.js'

/** Names stand in event ids, in names of files and in the log. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** A sink that has no name is called by its type; `output` is one too. */
export function nameSinks(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const sinks = withOutput(value['sinks'], value['output'])
  if (!Array.isArray(sinks)) return value
  return {
    ...value,
    sinks: sinks.map((sink: unknown) =>
      isNamed(sink) && sink['name'] === undefined && typeof sink['type'] === 'string'
        ? { ...sink, name: sink['type'] }
        : sink,
    ),
  }
}

/** What may be asked for of standard output in a word. */
export const OUTPUTS = ['table', 'json'] as const

/** `output: table` is short for a sink on standard output. */
function withOutput(sinks: unknown, output: unknown): unknown {
  if (!OUTPUTS.some((each) => each === output) || (sinks !== undefined && !Array.isArray(sinks))) return sinks
  return [...(sinks ?? []), { type: 'stdout', format: output }]
}

/** Sinks whose name another has too, and names that cannot stand where they are to. */
export function sinkNameProblems({ sinks }: Readonly<Record<string, unknown>>): readonly PathProblem[] {
  if (!Array.isArray(sinks)) return []
  const before = new Map<string, number>()
  return sinks.flatMap((sink: unknown, index): readonly PathProblem[] => {
    const name = isNamed(sink) ? sink['name'] : undefined
    if (typeof name !== 'string') return []
    const path = ['sinks', index, 'name']
    if (!NAME.test(name))
      return [
        {
          path,
          message: 'is at most 63 letters, digits, dots, hyphens and underscores, a letter or digit first',
        },
      ]
    const other = before.get(name)
    before.set(name, index)
    return other === undefined
      ? []
      : [
          {
            path,
            message: `sinks[${other}] is called ${name} too: a name is a sink’s own; without one it is its type`,
          },
        ]
  })
}

/** A tool that stands there twice: whose account would be whose? */
export function toolNameProblems({ tools }: Readonly<Record<string, unknown>>): readonly PathProblem[] {
  if (!Array.isArray(tools)) return []
  const names = tools.map((tool: unknown) => (isNamed(tool) ? tool['name'] : tool))
  return names.flatMap((name, index) =>
    typeof name === 'string' && names.indexOf(name) < index
      ? [
          {
            path: ['tools', index],
            message: `${name} stands there already, as tools[${names.indexOf(name)}]`,
          },
        ]
      : [],
  )
}

function isNamed(sink: unknown): sink is Record<string, unknown> {
  return typeof sink === 'object' && sink !== null && !Array.isArray(sink)
}
