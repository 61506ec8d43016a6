import type { ReaderOptions } from '../reader-options.js'
import { quoted, type Tally } from '../tally.js'

/** Lines without a header after which it is said that there is none. A program says a few before it: what it attaches to, say. */
const LINES = 100
/** An IPv4 address, or a good part of an IPv6 one. */
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b|::[0-9a-f]|(?:\b[0-9a-f]{1,4}:){4}/i

/**
 * Lines before any header. What programs say before their table is nothing that could be read; a row of which the columns are not
 * known is. They are told apart by whether an address stands in them. If no header comes, none of them could be read.
 */
export class UnknownColumns {
  readonly #tally: Tally
  readonly #onNote: ReaderOptions['onNote']
  #lines = 0
  #rows = 0
  #first: { readonly where: string; readonly text: string } | undefined
  #firstRow: { readonly where: string; readonly text: string } | undefined
  #isTold = false

  constructor(tally: Tally, onNote: ReaderOptions['onNote']) {
    this.#tally = tally
    this.#onNote = onNote
  }

  /** How many lines wait to be counted. */
  get waiting(): number {
    return this.#lines
  }

  line(text: string, where: string): void {
    this.#lines++
    this.#first ??= { where, text }
    if (ADDRESS.test(text)) {
      this.#rows++
      this.#firstRow ??= { where, text }
    }
    if (this.#isTold || this.#lines >= LINES) this.#settle('no_header', this.#lines)
  }

  /** A header came: the lines before it are counted for what they are. */
  headerCame(): void {
    this.#settle('no_header', this.#rows)
  }

  /** There is no more. */
  end(): void {
    this.#settle('no_header', this.#lines)
  }

  #settle(reason: string, unreadable: number): void {
    const first = this.#firstRow ?? this.#first
    if (this.#lines === 0 || first === undefined) return
    if (unreadable < this.#lines) this.#tally.other(this.#lines - unreadable)
    if (unreadable > 0)
      this.#tally.unreadable(
        reason,
        () => first.where,
        () => first.text,
        unreadable,
      )
    if (unreadable === this.#lines && !this.#isTold) {
      this.#isTold = true
      this.#onNote?.({ kind: 'no_header', text: noHeader(first.text, first.where) })
    }
    this.#lines = 0
    this.#rows = 0
    this.#first = undefined
    this.#firstRow = undefined
  }
}

function noHeader(text: string, where: string): string {
  return (
    `no table's header was seen, so it is not known what the columns are: ${where} is "${quoted(text)}". ` +
    'Pass on the first line of the tool too, or name the columns with --header "PID COMM IP SADDR DADDR DPORT LAT(ms)".'
  )
}
