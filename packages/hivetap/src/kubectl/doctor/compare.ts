import type { JsonObject } from '../../stream/json-object.js'
import type { Answer } from '../agents/ask-agents.js'

/** What a node says of one thing. */
export interface Finding {
  /** `ok`, `-` or `!`, as hivetap doctor marks it. */
  readonly mark: string
  readonly text: string
  readonly mend?: string
}

/** Nodes that say the same of everything. */
export interface NodeGroup {
  readonly nodes: readonly string[]
  readonly findings: ReadonlyMap<string, Finding>
}

/** What all nodes say, side by side. */
export interface Comparison {
  /** What was looked at, in the order in which it is told. */
  readonly names: readonly string[]
  readonly groups: readonly NodeGroup[]
  /** Nodes that did not answer, and why. */
  readonly silent: ReadonlyMap<string, string>
}

/** Puts nodes that say the same together: of a hundred alike nodes one column is enough. The largest group comes first. */
export function compareNodes(answers: readonly Answer[]): Comparison {
  const groups = new Map<string, { nodes: string[]; findings: ReadonlyMap<string, Finding> }>()
  const silent = new Map<string, string>()
  const names = new Set<string>()
  for (const { agent, json, reason } of answers) {
    if (json === undefined) {
      silent.set(agent.node, reason ?? 'it does not answer')
      continue
    }
    const findings = findingsIn(json)
    for (const name of findings.keys()) names.add(name)
    const key = JSON.stringify([...findings])
    const group = groups.get(key) ?? { nodes: [], findings }
    group.nodes.push(agent.node)
    groups.set(key, group)
  }
  const sorted = [...groups.values()].toSorted((one, other) => other.nodes.length - one.nodes.length)
  return { names: [...names], groups: sorted, silent }
}

/** Whether not all say the same of it. */
export function differs({ groups }: Comparison, name: string): boolean {
  const said = groups.map(({ findings }) => {
    const finding = findings.get(name)
    return finding === undefined ? undefined : `${finding.mark} ${finding.text}`
  })
  return new Set(said).size > 1
}

function findingsIn(report: JsonObject): Map<string, Finding> {
  const findings = new Map<string, Finding>()
  findings.set('hivetap', { mark: 'ok', text: text(report['version']) })
  for (const fact of objects(report['host'])) findings.set(text(fact['name']), factOf(fact))
  for (const tool of objects(report['tools'])) findings.set(text(tool['tool']), toolOf(tool))
  return findings
}

const MARKS: Readonly<Record<string, string>> = { ok: 'ok', note: '-', lacking: '!' }

function factOf({
  state,
  found,
  mend,
}: JsonObject & { state?: unknown; found?: unknown; mend?: unknown }): Finding {
  return {
    mark: MARKS[text(state)] ?? '-',
    text: text(found),
    ...(typeof mend === 'string' ? { mend } : {}),
  }
}

function toolOf(tool: JsonObject): Finding {
  if (tool['runs'] === true) return { mark: 'ok', text: `${text(tool['rung'])}, ${text(tool['buffer'])}` }
  const [step = {}] = objects(tool['steps'])
  const mend = step['mend']
  return {
    mark: '!',
    text: `cannot run: ${text(step['reason'])}`,
    ...(typeof mend === 'string' ? { mend } : {}),
  }
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '-'
}
