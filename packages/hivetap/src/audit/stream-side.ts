import type { AuditOptions } from './accountant.js'
import type { EpochBook } from './epoch-book.js'
import { clip, type Range, sizeOf, subtract } from './range.js'

/** What an epoch is, at the end of the time that is audited. */
export type EpochVerdictState =
  /** It goes on. */
  | 'running'
  /** It gave its final account. */
  | 'ended'
  /** It was killed; what the next run found in its spool is known, what it had seen is not. */
  | 'cut'
  /** It has been silent for longer than the grace, and nothing says why. */
  | 'silent'

/** Declared lost, for one reason, and not received all the same. */
export interface LostForReason {
  readonly reason: string
  readonly count: number
  readonly ranges: readonly Range[]
}

/** What became of the sequences of an epoch: `produced = received + lost + missing + under way`. */
export interface StreamSide {
  readonly state: EpochVerdictState
  /** The first sequence that is judged: 0, but where the epoch began before the time asked for. */
  readonly from: number
  /** The sequence behind the last that is known to have been used up. */
  readonly to: number
  readonly produced: number
  readonly received: number
  /** Of these, events. */
  readonly events: number
  readonly lost: readonly LostForReason[]
  /** What nobody declared, and is not to come any more. */
  readonly missing: readonly Range[]
  /** What is not there yet, among the newest. */
  readonly underWay: readonly Range[]
}

/** @param referenceMs what time it is, for those that are silent */
export function streamSide(
  book: EpochBook,
  options: AuditOptions,
  referenceMs: number,
  isAudited: (sink: string) => boolean,
): StreamSide {
  const state = stateOf(book, options, referenceMs)
  const to = upperEnd(book, options, isAudited)
  const from = Math.min(lowerEnd(book, options, to), to)
  const all = to > from ? [{ first: from, last: to - 1 }] : []
  let rest = subtract(all, book.received.ranges())
  const produced = sizeOf(all)
  const received = produced - sizeOf(rest)
  const lost: LostForReason[] = []
  const byReason = [...book.losses.byReason(isAudited)].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [reason, sets] of byReason) {
    let left = rest
    for (const declared of sets) left = subtract(left, declared)
    const ranges = subtract(rest, left)
    rest = left
    if (ranges.length > 0) lost.push({ reason, count: sizeOf(ranges), ranges })
  }
  const settled = settledUntil(book, state, options)
  return {
    state,
    from,
    to,
    produced,
    received,
    events: received - (book.others.countBelow(to) - book.others.countBelow(from)),
    lost,
    missing: clip(rest, 0, settled),
    underWay: clip(rest, settled + 1, Number.MAX_SAFE_INTEGER),
  }
}

function stateOf(book: EpochBook, { graceMs }: AuditOptions, referenceMs: number): EpochVerdictState {
  if (book.ended !== undefined) return 'ended'
  if (book.cut !== undefined) return 'cut'
  return book.lastMs < referenceMs - graceMs ? 'silent' : 'running'
}

/** Without a beginning asked for, every epoch is judged from its first sequence on. */
function lowerEnd(book: EpochBook, { sinceMs }: AuditOptions, to: number): number {
  if (sinceMs === undefined) return 0
  return Number.isFinite(book.least) ? book.least : to
}

function upperEnd(book: EpochBook, { untilMs }: AuditOptions, isAudited: (sink: string) => boolean): number {
  if (book.ended !== undefined) return book.ended.said.sequences
  const seen = Math.max(book.greatest + 1, book.state?.said.sequences ?? 0)
  // What others say of it has no time of its own: with an end asked for, it may be of later.
  return untilMs === undefined
    ? Math.max(seen, book.cut?.sequences ?? 0, book.losses.greatest(isAudited) + 1)
    : seen
}

/** The last sequence that does not come any more if it is not there. */
function settledUntil(book: EpochBook, state: EpochVerdictState, { nowMs, graceMs }: AuditOptions): number {
  const toldMs = state === 'ended' ? book.ended?.timeMs : state === 'cut' ? book.cut?.timeMs : undefined
  if (toldMs !== undefined && (nowMs === undefined || toldMs <= nowMs - graceMs))
    return Number.MAX_SAFE_INTEGER
  return book.settled.sequence
}
