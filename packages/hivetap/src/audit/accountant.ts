import type { AuditRecord, EpochState, LossDeclared, NumberedRecord, Unreadable } from './audit-record.js'
import { type At, EpochBook } from './epoch-book.js'
import { MemoryBound } from './memory-bound.js'
import { RecentContents } from './recent-contents.js'
import { RecordReader } from './record-reader.js'

/** What is audited. */
export interface AuditOptions {
  /** Records of this time and later, milliseconds since 1970. */
  readonly sinceMs?: number | undefined
  /** Records of this time and earlier. */
  readonly untilMs?: number | undefined
  /** What time it is, where the stream still goes on; without, the newest record says it. */
  readonly nowMs?: number | undefined
  /** How long an epoch may be silent, and a batch be on its way, before it is missed: milliseconds. */
  readonly graceMs: number
  readonly limits?: Partial<AuditLimits>
}

/** What keeps hostile or endless streams from taking all memory. What goes beyond is counted, and the audit is not complete. */
export interface AuditLimits {
  readonly epochs: number
  /** For sequences and ranges. */
  readonly bytes: number
  /** Contents that are remembered, to compare copies with: a power of two; 16 bytes each. */
  readonly contents: number
}

export const AUDIT_LIMITS: AuditLimits = { epochs: 65_536, bytes: 512 * 1024 * 1024, contents: 2 ** 20 }

/** Tools whose accounts an epoch holds at most. */
const MOST_TOOLS = 64
/** Sinks whose names are kept. */
const MOST_SINK_NAMES = 64

/** Where the first unreadable records of a kind stand, for whoever looks for them. */
const MOST_PLACES = 5

/** What became of the records as such. */
export interface RecordCounts {
  /** All that were taken. */
  readonly records: number
  /** Those that could not be read, by why, with the places of the first. */
  readonly unreadable: ReadonlyMap<Unreadable, { readonly count: number; readonly places: readonly string[] }>
  /** Those that could be read, and went over a bound. */
  readonly unexamined: number
}

/** Takes records in any order, with copies, and keeps what an audit is made of: `auditOf`. */
export class Accountant {
  readonly options: AuditOptions
  readonly #limits: AuditLimits
  readonly #reader = new RecordReader()
  readonly #bound: MemoryBound
  readonly #contents: RecentContents
  readonly #books = new Map<string, EpochBook>()
  readonly #sinks = new Set<string>()
  readonly #unreadable = new Map<Unreadable, { count: number; places: string[] }>()
  #last: EpochBook | undefined
  #records = 0
  #unexamined = 0

  constructor(options: AuditOptions) {
    this.options = options
    this.#limits = { ...AUDIT_LIMITS, ...options.limits }
    this.#bound = new MemoryBound(this.#limits.bytes)
    this.#contents = new RecentContents(this.#limits.contents)
  }

  get books(): Iterable<EpochBook> {
    return this.#books.values()
  }

  get counts(): RecordCounts {
    return { records: this.#records, unreadable: this.#unreadable, unexamined: this.#unexamined }
  }

  /** Names of sinks that declared losses. */
  get sinks(): ReadonlySet<string> {
    return this.#sinks
  }

  /**
   * Takes a record as JSON.
   *
   * @param bytes not kept
   * @param place where it stands, asked for only if it cannot be read
   */
  take(bytes: Buffer, place: () => string): void {
    this.takeRecord(this.#reader.read(bytes), place)
  }

  /** Takes a record that was read otherwise. */
  takeRecord(record: AuditRecord, place: () => string): void {
    this.#records++
    if (record.kind === 'unreadable') this.#noteUnreadable(record.why, place)
    else if (!(record.kind === 'loss' ? this.#takeLoss(record) : this.#takeNumbered(record)))
      this.#unexamined++
  }

  #noteUnreadable(why: Unreadable, place: () => string): void {
    const noted = this.#unreadable.get(why) ?? { count: 0, places: [] }
    noted.count++
    if (noted.places.length < MOST_PLACES) noted.places.push(place())
    this.#unreadable.set(why, noted)
  }

  #takeLoss({ sink, epoch, host, reason, first, last }: LossDeclared): boolean {
    if (!this.#sinks.has(sink)) {
      if (this.#sinks.size >= MOST_SINK_NAMES) return false
      this.#sinks.add(sink)
    }
    const book = this.#book(epoch)
    if (book === undefined) return false
    book.host ??= host
    return book.losses.add(sink, reason, first, last)
  }

  /** @returns whether there was room for it */
  #takeNumbered(record: NumberedRecord): boolean {
    const book = this.#book(record.epoch)
    if (book === undefined) return false
    const { sequence, timeMs, hash } = record
    const added = book.received.add(sequence)
    if (added === 'refused') return false
    noteHost(book, record.host)
    const { sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = this.options
    const isAsked = timeMs >= sinceMs && timeMs <= untilMs
    if (added === 'known') {
      if (isAsked) book.duplicates++
      this.#compare(book, record)
    } else this.#contents.remember(book.index, sequence, hash)
    if (timeMs > book.lastMs) book.lastMs = timeMs
    book.settled.note(timeMs, sequence)
    if (isAsked) {
      if (timeMs < book.firstMs) book.firstMs = timeMs
      if (sequence < book.least) book.least = sequence
      if (sequence > book.greatest) book.greatest = sequence
    }
    if (record.kind === 'event') return true
    const { summarised } = record
    const isRoom = summarised === undefined || added === 'known' || book.summarised.add(sequence, summarised)
    return this.#takeAccount(book, record, timeMs <= untilMs) && isRoom
  }

  #takeAccount(book: EpochBook, record: NumberedRecord, isAsked: boolean): boolean {
    const { sequence, timeMs, ledger, state } = record
    if (book.others.add(sequence) === 'refused') return false
    if (ledger !== undefined && isAsked) {
      const { tool } = ledger
      const known = book.ledgers.get(tool)
      if (known === undefined && book.ledgers.size >= MOST_TOOLS) return false
      if (known === undefined || known.sequence < sequence)
        book.ledgers.set(tool, { sequence, timeMs, said: ledger })
    }
    if (state?.state === 'cut') return !isAsked || this.#noteCut(record, state)
    if (state !== undefined) noteState(book, { sequence, timeMs, said: state }, isAsked)
    return true
  }

  /** What a run says of the one before it. */
  #noteCut({ epoch, host, timeMs }: NumberedRecord, { of, sequences, events }: EpochState): boolean {
    const book = this.#book(of)
    if (book === undefined) return false
    if (of === epoch) book.contradictions.add('sequences', 'it says of itself that it was cut')
    noteHost(book, host)
    if (book.cut === undefined || book.cut.sequences < sequences) book.cut = { sequences, events, timeMs }
    return true
  }

  #compare(book: EpochBook, { sequence, hash }: NumberedRecord): void {
    const compared = this.#contents.compare(book.index, sequence, hash)
    if (compared === 'unknown') book.uncompared++
    if (compared === 'other')
      book.contradictions.add('content', `two records that are not the same have the sequence ${sequence}`)
  }

  #book(epoch: string): EpochBook | undefined {
    if (this.#last?.epoch === epoch) return this.#last
    const known = this.#books.get(epoch)
    if (known === undefined && this.#books.size >= this.#limits.epochs) return undefined
    const book = known ?? new EpochBook(epoch, this.#books.size + 1, this.options.graceMs, this.#bound)
    if (known === undefined) this.#books.set(epoch, book)
    this.#last = book
    return book
  }
}

function noteHost(book: EpochBook, host: string): void {
  if (book.host === undefined) book.host = host
  else if (book.host !== host) book.contradictions.add('host', `${book.host} and ${host} both claim it`)
}

function noteState(book: EpochBook, at: At<EpochState>, isAsked: boolean): void {
  const { sequence, said } = at
  if (said.of !== book.epoch)
    book.contradictions.add(
      'sequences',
      `its record at sequence ${sequence} tells of another epoch, ${said.of}`,
    )
  if (said.sequences !== sequence + 1)
    book.contradictions.add(
      'sequences',
      `its record at sequence ${sequence} says that ${said.sequences} were used up`,
    )
  if (said.events + said.summaries > said.sequences)
    book.contradictions.add(
      'sequences',
      `it says ${said.events + said.summaries} of ${said.sequences} sequences were events${said.summaries > 0 ? ' and summaries' : ''}`,
    )
  if (said.summarised < said.summaries)
    book.contradictions.add(
      'sequences',
      `it says that ${said.summaries} summaries stand for ${said.summarised} events`,
    )
  if (!isAsked) return
  if (book.state === undefined || book.state.sequence < sequence) book.state = at
  book.summarised.accountAt(sequence)
  if (said.state !== 'ended') return
  if (book.ended !== undefined && book.ended.sequence !== sequence)
    book.contradictions.add(
      'sequences',
      `it ended twice, at sequence ${book.ended.sequence} and at ${sequence}`,
    )
  if (book.ended === undefined || book.ended.sequence < sequence) book.ended = at
}
