import { printable } from '../../stream/printable.js'
import type { ReaderCounts } from './reader-options.js'

/** Characters that are quoted of what could not be read. */
const MOST_QUOTED = 120
/** Kinds of reasons that are counted; there are a dozen. */
const MOST_REASONS = 64

/** Counts what became of each line. Each is counted once. */
export class Tally {
  readonly counts: ReaderCounts = {
    lines: 0,
    observations: 0,
    other: 0,
    below: 0,
    clamped: 0,
    summaries: 0,
    summarised: 0,
    twins: 0,
    untoldTwins: 0,
    unreadable: new Map(),
  }

  other(lines = 1): void {
    this.counts.lines += lines
    this.counts.other += lines
  }

  /** It tells of so many connects that another tool's events count. */
  twin(events: number): void {
    this.other()
    this.counts.twins += events
  }

  /** One of the observations stands for so many. */
  summary(events: number): void {
    this.counts.summaries++
    this.counts.summarised += events
  }

  given(): void {
    this.counts.lines++
    this.counts.observations++
  }

  below(): void {
    this.counts.lines++
    this.counts.observations++
    this.counts.below++
  }

  /**
   * @param where `line 12`
   * @param text the line, of which the beginning is quoted
   */
  unreadable(reason: string, where: () => string, text: () => string, lines = 1): void {
    const { counts } = this
    counts.lines += lines
    const known = counts.unreadable.get(reason)
    const name = known === undefined && counts.unreadable.size >= MOST_REASONS ? 'other' : reason
    counts.unreadable.set(name, (counts.unreadable.get(name) ?? 0) + lines)
    counts.firstUnreadable ??= { where: where(), reason: name, text: quoted(text()) }
  }
}

/** Cut and printable: what is quoted was written by anyone. */
export function quoted(text: string): string {
  const cut = text.slice(0, MOST_QUOTED)
  return printable(cut.length < text.length ? `${cut}…` : cut)
}
