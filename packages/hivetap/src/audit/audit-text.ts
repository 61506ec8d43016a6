import { printable } from '../stream/printable.js'
import { textTable } from '../stream/text-table.js'
import type { Audit, EpochAudit } from './audit.js'
import { timeText } from './audit-json.js'
import { epochDetails, isPlain } from './epoch-details.js'
import { sizeOf } from './range.js'
import { lostOf, totalsOf } from './totals.js'
import { EXIT_OF_VERDICT, type Verdict } from './verdict.js'

/** Epochs without anything to say that are shown a line each. */
const MOST_PLAIN = 100

const MEANING: Readonly<Record<Verdict, string>> = {
  proven: 'all that was produced was received, or declared lost',
  declared_losses: 'all that was produced was received, or declared lost; some was lost',
  without_account: 'an epoch was cut or fell silent: what it had seen and not yet told is not known',
  unreadable: 'there are records that cannot be read',
  incomplete: 'not all could be audited',
  missing: 'records are gone, and nobody declared them lost',
  contradiction: 'accounts do not go together, or one name stands for two records',
}

/** An audit for people, without control characters: lines with their ends. */
export function auditText(audit: Audit): string {
  const lines = [
    ...epochLines(audit.epochs),
    ...audit.epochs.flatMap(epochDetails),
    ...kernelLines(audit.epochs),
    ...recordLines(audit),
    totalLine(audit),
    `${audit.verdict} (exit status ${EXIT_OF_VERDICT[audit.verdict]}): ${MEANING[audit.verdict]}.`,
  ]
  return `${lines.map(printable).join('\n')}\n`
}

function epochLines(epochs: readonly EpochAudit[]): readonly string[] {
  const plain = epochs.filter(isPlain)
  const shown = plain.length > MOST_PLAIN ? epochs.filter((epoch) => !isPlain(epoch)) : epochs
  const rows = shown.map(({ node, epoch, stream, firstMs, lastMs, duplicates, verdict }) => [
    node === '' ? '-' : node,
    epoch.slice(0, 8),
    stream.state,
    secondText(firstMs),
    secondText(lastMs),
    stream.produced,
    stream.received,
    lostOf(stream.lost),
    sizeOf(stream.missing),
    sizeOf(stream.underWay),
    duplicates,
    verdict,
  ])
  const headers = [
    'NODE',
    'EPOCH',
    'STATE',
    'FIRST',
    'LAST',
    'PRODUCED',
    'RECEIVED',
    'LOST',
    'MISSING',
    'UNDER WAY',
  ]
  return [
    ...(rows.length === 0 ? [] : table([...headers, 'COPIES', 'VERDICT'], rows)),
    ...(shown.length === epochs.length
      ? []
      : [`and ${plain.length} epochs that are proven, without losses: -o json tells them`]),
    '',
  ]
}

/** What the tools of a node saw in the kernel, over all its epochs. */
function kernelLines(epochs: readonly EpochAudit[]): readonly string[] {
  const sums = new Map<string, KernelSum>()
  for (const { node, kernel } of epochs)
    for (const { said } of kernel.tools) {
      const key = JSON.stringify([node, said.tool])
      const sum = sums.get(key) ?? { node, tool: said.tool, counts: [0, 0, 0, 0, 0], dropped: new Map() }
      const { produced, delivered, filtered, sampledOut, inFlight } = said
      sum.counts = [produced, delivered, filtered, sampledOut, inFlight].map(
        (n, at) => n + (sum.counts[at] ?? 0),
      )
      for (const [reason, count] of said.dropped)
        sum.dropped.set(reason, (sum.dropped.get(reason) ?? 0) + count)
      sums.set(key, sum)
    }
  const all = [...sums.values()]
  const shown = all.length > MOST_PLAIN ? all.filter(({ dropped }) => dropped.size > 0) : all
  if (shown.length === 0) return []
  const headers = ['NODE', 'TOOL', 'PRODUCED', 'TOLD', 'FILTERED', 'SAMPLED OUT', 'IN FLIGHT', 'DROPPED']
  const rows = shown.map(({ node, tool, counts, dropped }) => [node, tool, ...counts, droppedText(dropped)])
  return ['In the kernel, as the last accounts say:', ...table(headers, rows), '']
}

/** A table whose first row says which columns hold numbers. */
function table(
  headers: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  const numbers = headers.map((_, column) => typeof rows[0]?.[column] === 'number')
  return textTable(
    headers,
    rows.map((row) => row.map(String)),
    numbers,
  )
}

interface KernelSum {
  readonly node: string
  readonly tool: string
  counts: readonly number[]
  readonly dropped: Map<string, number>
}

function droppedText(dropped: ReadonlyMap<string, number>): string {
  return dropped.size === 0 ? '0' : [...dropped].map(([reason, count]) => `${count} ${reason}`).join(', ')
}

function recordLines({ counts, sinksSeen, sinksAudited, remarks, notes }: Audit): readonly string[] {
  const unreadable = [...counts.unreadable].map(
    ([why, { count, places }]) =>
      `${count} records cannot be read (${why}), the first at ${places.join(', ')}`,
  )
  return [
    ...unreadable,
    ...(counts.unexamined === 0
      ? []
      : [`${counts.unexamined} records went over a bound, and were not examined`]),
    ...(sinksSeen.length === 0 ? [] : [sinkLine(sinksSeen, sinksAudited)]),
    ...remarks,
    ...notes,
  ]
}

function sinkLine(seen: readonly string[], audited: readonly string[]): string {
  const counted = audited.length === 0 ? 'none counts' : `those of ${audited.join(', ')} count`
  const choose = audited.length > 1 ? '; --sink audits one' : ''
  return `Losses were declared by ${seen.join(', ')}; ${counted}${choose}.`
}

function totalLine({ epochs }: Audit): string {
  const { nodes, epoch_count, produced, received, lost, missing, under_way, duplicates } = totalsOf(epochs)
  return (
    `${epoch_count} epochs of ${nodes} nodes: ${produced} produced = ${received} received + ${lost} declared lost + ` +
    `${missing} missing + ${under_way} under way; ${duplicates} copies`
  )
}

function secondText(timeMs: number | undefined): string {
  return timeText(timeMs)?.replace(/\.\d+Z$/, 'Z') ?? '-'
}
