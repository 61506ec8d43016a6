import type { EventIds } from '../../sinks/json-lines.js'
import { ownRecord, timeOfMs } from '../../stream/own-record.js'
import type { DueSummary } from './summarizer.js'

/** The line of a summary, with its newline; it uses up a name. @param sample of so many connects one is told */
export function summaryLine(
  { startUs, endUs, tally }: DueSummary,
  { ids, host, tool, sample }: { ids: EventIds; host: string; tool: string; sample?: number | undefined },
): string {
  const line = ownRecord(
    { eventId: ids.next, time: timeOfMs(startUs / 1000), host },
    {
      tool,
      record: 'summary',
      window_end: timeOfMs(endUs / 1000),
      ...(sample !== undefined && { sample }),
      ...(tally.key ?? { other: true }),
      ...tally.fields(),
    },
  )
  ids.use()
  return `${line}\n`
}
