import type { Audit, EpochAudit } from './audit.js'
import type { KernelSide } from './kernel-side.js'
import { type Range, sizeOf } from './range.js'
import { totalsOf } from './totals.js'
import { EXIT_OF_VERDICT } from './verdict.js'

/** Ranges of a kind that are told of an epoch: all are counted. */
const MOST_RANGES = 1000

/** An audit for programs: names as they are on the wire. What others have written stands in it as it is. */
export function auditJson(audit: Audit): Readonly<Record<string, unknown>> {
  const { counts } = audit
  return {
    verdict: audit.verdict,
    exit_status: EXIT_OF_VERDICT[audit.verdict],
    ...totalsOf(audit.epochs),
    records: counts.records,
    unreadable: [...counts.unreadable].map(([why, { count, places }]) => ({ why, count, places })),
    unexamined: counts.unexamined,
    sinks_seen: audit.sinksSeen,
    sinks_audited: audit.sinksAudited,
    remarks: audit.remarks,
    notes: audit.notes,
    newest: timeText(audit.newestMs),
    epochs: audit.epochs.map(epochJson),
  }
}

function epochJson({ stream, kernel, ...epoch }: EpochAudit): Readonly<Record<string, unknown>> {
  return {
    node: epoch.node,
    epoch: epoch.epoch,
    verdict: epoch.verdict,
    state: stream.state,
    first: timeText(epoch.firstMs),
    last: timeText(epoch.lastMs),
    from_sequence: stream.from,
    to_sequence: stream.to,
    produced: stream.produced,
    received: stream.received,
    events: stream.events,
    duplicates: epoch.duplicates,
    duplicates_uncompared: epoch.uncompared,
    lost: stream.lost.map(({ reason, count, ranges }) => ({ reason, count, ranges: rangesJson(ranges) })),
    missing: sizeOf(stream.missing),
    missing_ranges: rangesJson(stream.missing),
    under_way: sizeOf(stream.underWay),
    under_way_ranges: rangesJson(stream.underWay),
    contradictions: epoch.contradictions,
    contradiction_count: epoch.contradictionCount,
    ...kernelJson(kernel),
  }
}

function kernelJson({ tools, check, summaries }: KernelSide): Readonly<Record<string, unknown>> {
  return {
    delivered_check: check,
    ...(summaries !== undefined && { summaries }),
    tools: tools.map(({ said }) => ({
      tool: said.tool,
      ended: said.ended,
      produced: said.produced,
      delivered: said.delivered,
      ...(said.summarised > 0 && { summarised: said.summarised }),
      filtered: said.filtered,
      sampled_out: said.sampledOut,
      in_flight: said.inFlight,
      dropped: Object.fromEntries(said.dropped),
      missed_runs: said.missedRuns,
    })),
  }
}

/** `[[2, 3], [7, 7]]` */
function rangesJson(ranges: readonly Range[]): readonly (readonly [number, number])[] {
  return ranges.slice(0, MOST_RANGES).map(({ first, last }) => [first, last])
}

/** RFC 3339; a time that no calendar has is left out. */
export function timeText(timeMs: number | undefined): string | undefined {
  if (timeMs === undefined || !(Math.abs(timeMs) <= 8.64e15)) return undefined
  return new Date(timeMs).toISOString()
}
