import type { Accountant, RecordCounts } from './accountant.js'
import { type Contradiction, Contradictions } from './contradictions.js'
import type { EpochBook } from './epoch-book.js'
import { type KernelSide, kernelSide } from './kernel-side.js'
import { sizeOf } from './range.js'
import { type StreamSide, streamSide } from './stream-side.js'
import { type Verdict, worst } from './verdict.js'

/** How an audit is judged. */
export interface JudgeOptions {
  /** Sinks whose declared losses count; without, those of all. */
  readonly sinks?: readonly string[] | undefined
  /** Whether declared losses are a verdict of their own. */
  readonly strict?: boolean
  /** What keeps the stream from being audited whole, known from outside it. */
  readonly remarks?: readonly string[]
  /** What else is to be told with it. */
  readonly notes?: readonly string[]
}

/** An epoch, judged. */
export interface EpochAudit {
  readonly epoch: string
  readonly node: string
  /** Of its records in the time asked for, milliseconds since 1970; absent if there are none. */
  readonly firstMs?: number
  readonly lastMs?: number
  readonly stream: StreamSide
  readonly kernel: KernelSide
  readonly duplicates: number
  /** Of these, those whose content could not be held against the first. */
  readonly uncompared: number
  readonly contradictions: readonly Contradiction[]
  /** With those that are not told. */
  readonly contradictionCount: number
  readonly verdict: Verdict
}

/** What an audit found. */
export interface Audit {
  readonly verdict: Verdict
  /** Epochs by node, then by time. */
  readonly epochs: readonly EpochAudit[]
  readonly counts: RecordCounts
  /** Sinks that declared losses, and those whose losses count. */
  readonly sinksSeen: readonly string[]
  readonly sinksAudited: readonly string[]
  readonly remarks: readonly string[]
  readonly notes: readonly string[]
  /** Of the newest record, milliseconds since 1970. */
  readonly newestMs?: number
}

/** Judges what an accountant has taken; it may take more afterwards, and be judged again. */
export function auditOf(
  accountant: Accountant,
  { sinks, strict = false, remarks = [], notes = [] }: JudgeOptions,
): Audit {
  const books = [...accountant.books]
  const newestMs = books.reduce((newest, { lastMs }) => Math.max(newest, lastMs), Number.NEGATIVE_INFINITY)
  const isAudited = (sink: string) => sinks === undefined || sinks.includes(sink)
  const { untilMs, nowMs } = accountant.options
  const referenceMs = untilMs ?? nowMs ?? newestMs
  const epochs = books
    .filter((book) => isAskedFor(book, accountant))
    .map((book) => {
      const stream = streamSide(book, accountant.options, referenceMs, isAudited)
      return auditEpoch(book, stream, strict)
    })
    .sort(
      (a, b) => compare(a.node, b.node) || (a.firstMs ?? 0) - (b.firstMs ?? 0) || compare(a.epoch, b.epoch),
    )
  const { counts } = accountant
  const seen = [...accountant.sinks].sort()
  return {
    verdict: worst([
      ...epochs.map(({ verdict }) => verdict),
      counts.unreadable.size > 0 ? 'unreadable' : 'proven',
      counts.unexamined > 0 || remarks.length > 0 ? 'incomplete' : 'proven',
    ]),
    epochs,
    counts,
    sinksSeen: seen,
    sinksAudited: seen.filter(isAudited),
    remarks,
    notes,
    ...(Number.isFinite(newestMs) ? { newestMs } : {}),
  }
}

function auditEpoch(book: EpochBook, stream: StreamSide, strict: boolean): EpochAudit {
  const contradictions = new Contradictions()
  const kernel = kernelSide(book, stream, contradictions)
  return {
    epoch: book.epoch,
    node: book.host ?? '',
    ...(Number.isFinite(book.firstMs) ? { firstMs: book.firstMs, lastMs: book.lastMs } : {}),
    stream,
    kernel,
    duplicates: book.duplicates,
    uncompared: book.uncompared,
    contradictions: [...book.contradictions.told, ...contradictions.told],
    contradictionCount: book.contradictions.count + contradictions.count,
    verdict: worst([
      book.contradictions.count + contradictions.count > 0 ? 'contradiction' : 'proven',
      sizeOf(stream.missing) > 0 ? 'missing' : 'proven',
      stream.state === 'cut' || stream.state === 'silent' ? 'without_account' : 'proven',
      strict && stream.lost.length > 0 ? 'declared_losses' : 'proven',
    ]),
  }
}

/** With a time asked for, epochs that have nothing in it are left out, but those that are found cut in it. */
function isAskedFor(book: EpochBook, { options: { sinceMs, untilMs } }: Accountant): boolean {
  if (sinceMs === undefined && untilMs === undefined) return true
  if (book.greatest >= 0) return true
  const toldMs = book.cut?.timeMs
  return toldMs !== undefined && toldMs >= (sinceMs ?? toldMs) && toldMs <= (untilMs ?? toldMs)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
