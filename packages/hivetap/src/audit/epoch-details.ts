import type { EpochAudit } from './audit.js'
import { type Range, sizeOf } from './range.js'

/** Ranges that are told to people: -o json has more. */
const MOST_RANGES = 10

/** Whether there is nothing more to say of an epoch than its line does. */
export function isPlain({ verdict, stream }: EpochAudit): boolean {
  return verdict === 'proven' && stream.lost.length === 0
}

/** What there is to say of an epoch beside its line; each epoch with an empty line behind it. */
export function epochDetails(epoch: EpochAudit): readonly string[] {
  if (isPlain(epoch)) return []
  const { stream, contradictions, contradictionCount } = epoch
  const untold = contradictionCount - contradictions.length
  const lines = [
    ...stateLine(epoch),
    ...stream.lost.map(
      ({ reason, count, ranges }) => `declared lost: ${count} (${reason}): ${rangesText(ranges)}`,
    ),
    ...(stream.missing.length === 0
      ? []
      : [`missing, declared by nobody: ${sizeOf(stream.missing)}: ${rangesText(stream.missing)}`]),
    ...(stream.underWay.length === 0
      ? []
      : [`not there yet: ${sizeOf(stream.underWay)}: ${rangesText(stream.underWay)}`]),
    ...summariesLine(epoch),
    ...contradictions.map(({ kind, what }) => `contradiction (${kind}): ${what}`),
    ...(untold === 0 ? [] : [`and ${untold} contradictions more`]),
  ]
  return [`${epoch.node === '' ? '-' : epoch.node} ${epoch.epoch}`, ...lines.map((line) => `  ${line}`), '']
}

function stateLine({ stream }: EpochAudit): readonly string[] {
  const judged =
    stream.from > 0 ? [`judged from sequence ${stream.from} on, as the time asked for has it`] : []
  if (stream.state === 'cut')
    return [
      'cut: it was killed, and the next run on its spool said so; its last seconds in the kernel are not known',
      ...judged,
    ]
  if (stream.state === 'silent')
    return [
      'silent for longer than the grace: its node or agent is down, or cannot reach the broker',
      ...judged,
    ]
  return judged
}

/** Of events in summaries that are not there it is known how many they are. */
function summariesLine({ kernel: { summaries } }: EpochAudit): readonly string[] {
  if (summaries === undefined || summaries.received >= summaries.summarised) return []
  const { summarised, received } = summaries
  return [`events in summaries: ${summarised} were summed up, ${received} stand in those that are there`]
}

/** `2-3, 7 and 5 more` */
function rangesText(ranges: readonly Range[]): string {
  const told = ranges
    .slice(0, MOST_RANGES)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
  const more = ranges.length - told.length
  return `${told.join(', ')}${more > 0 ? ` and ${more} more ranges` : ''}`
}
