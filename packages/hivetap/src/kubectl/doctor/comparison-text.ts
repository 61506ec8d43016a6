import { printable } from '../../stream/printable.js'
import { textTable } from '../../stream/text-table.js'
import { type Comparison, differs, type NodeGroup } from './compare.js'

/** Characters of a cell at most, and of one that has the row for itself: what is cut stands whole in the JSON. */
const MOST_CELL = 60
const MOST_ALONE = 120
/** Names of nodes that stand above a column. */
const MOST_NAMES = 3
/** Stands in front of what is not the same on all nodes. */
const DIFFERENT = '≠'

/** Rows of what was looked at, a column for nodes that say the same; what differs is marked. */
export function comparisonText(comparison: Comparison): string {
  const { names, groups, silent } = comparison
  const headers = ['', 'WHAT', ...groups.map(columnName)]
  const most = groups.length === 1 ? MOST_ALONE : MOST_CELL
  const rows = names.map((name) => [
    differs(comparison, name) ? DIFFERENT : '',
    name,
    ...groups.map(({ findings }) => {
      const finding = findings.get(name)
      return finding === undefined ? '-' : cut(`${finding.mark.padEnd(2)} ${finding.text}`, most)
    }),
  ])
  const lines =
    groups.length === 0
      ? []
      : [
          ...textTable(
            headers,
            rows.map((row) => row.map(printable)),
            [],
          ),
        ]
  const notes = [
    ...mends(comparison),
    ...[...silent].map(([node, reason]) => `${node} does not tell: ${reason}`),
  ]
  if (notes.length > 0) lines.push('', ...notes.map(printable))
  const count = names.filter((name) => differs(comparison, name)).length
  lines.push('', summary(groups, count))
  return `${lines.join('\n').replace(/^\n+/, '')}\n`
}

function summary(groups: readonly NodeGroup[], differences: number): string {
  const nodes = groups.reduce((sum, group) => sum + group.nodes.length, 0)
  if (nodes === 0) return 'No node told anything.'
  if (nodes === 1) return '1 node.'
  if (differences === 0) return `${nodes} nodes, all the same.`
  return `${nodes} nodes, ${groups.length} kinds; what differs is marked ${DIFFERENT}.`
}

function columnName({ nodes }: NodeGroup): string {
  const shown = nodes.slice(0, MOST_NAMES).map(printable).join(', ')
  return nodes.length <= MOST_NAMES ? shown : `${shown} and ${nodes.length - MOST_NAMES} more`
}

/** What would make it better, each once, with the nodes that it is for. */
function mends({ names, groups }: Comparison): string[] {
  const lines = new Map<string, string[]>()
  for (const name of names)
    for (const { findings, nodes } of groups) {
      const { mark, mend } = findings.get(name) ?? {}
      if (mend === undefined || mark !== '!') continue
      const line = `${name}: mends it: ${mend}`
      lines.set(line, [...(lines.get(line) ?? []), ...nodes])
    }
  return [...lines].map(([line, nodes]) => `${line} (${columnName({ nodes, findings: new Map() })})`)
}

function cut(text: string, most: number): string {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}
