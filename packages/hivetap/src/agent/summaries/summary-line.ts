import type { EventIds } from '../../sinks/json-lines.js'
import { COUNTED_BY } from '../../sinks/json-schema.js'
import { ownRecord, timeOfMs } from '../../stream/own-record.js'
import type { DueSummary } from './summarizer.js'

/** What a summary is told with, besides what it tells. */
interface SummaryNames {
  readonly ids: EventIds
  readonly host: string
  readonly tool: string
  /** Of so many connects one is told. */
  readonly sample?: number | undefined
  /** The tool by which its connects count, where this is not the one. */
  readonly countedBy?: string | undefined
}

/** The line of a summary, with its newline; it uses up a name. */
export function summaryLine(
  { startUs, endUs, tally }: DueSummary,
  { ids, host, tool, sample, countedBy }: SummaryNames,
): string {
  const line = ownRecord(
    { eventId: ids.next, time: timeOfMs(startUs / 1000), host },
    {
      tool,
      record: 'summary',
      window_end: timeOfMs(endUs / 1000),
      ...(sample !== undefined && { sample }),
      ...(countedBy !== undefined && { [COUNTED_BY.name]: countedBy }),
      ...(tally.key ?? { other: true }),
      ...tally.fields(),
    },
  )
  ids.use()
  return `${line}\n`
}
