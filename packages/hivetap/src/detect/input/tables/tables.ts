import type { Outcome } from '../../observation.js'
import type { ReaderOptions } from '../reader-options.js'
import { quoted } from '../tally.js'
import type { Header } from './header.js'
import { type Table, tableOf } from './table.js'

/** Tables of hivetap's tools that stand in one another, at most; and tables that are told to be without connects. */
const MOST = 16
const SECOND_WORD = /^\S+ +(\S+)/

/** The tables whose headers came: the last, or of hivetap's table of several tools each one's. */
export class Tables {
  readonly #onNote: ReaderOptions['onNote']
  readonly #byTool = new Map<string, Table>()
  readonly #told = new Set<string>()
  #last: Table | undefined

  constructor(onNote: ReaderOptions['onNote']) {
    this.#onNote = onNote
  }

  get isAny(): boolean {
    return this.#last !== undefined
  }

  add(header: Header): Table {
    const table = tableOf(header)
    this.#last = table
    if (table.tool === undefined) {
      this.#byTool.clear()
      if (table.kind === 'none') this.#tellNone(table.names)
    } else if (this.#byTool.size < MOST || this.#byTool.has(table.tool)) this.#byTool.set(table.tool, table)
    return table
  }

  /** The table that a line is a row of; `undefined` if it names a tool whose header did not come. */
  of(text: string): Table | undefined {
    if (this.#last?.tool === undefined) return this.#last
    return this.#byTool.get(SECOND_WORD.exec(text)?.[1] ?? '')
  }

  /**
   * Whether a row is of a connect that has a row of another tool too. A trace begins with the header of each: tcpconnlat's has all
   * that were answered, and the one that tells how long they took counts.
   */
  isTwin({ tool }: Table, outcome: Outcome): boolean {
    if (tool !== 'tcpconnect' || (outcome !== 'connected' && outcome !== 'unknown')) return false
    return this.#byTool.get('tcpconnlat')?.kind === 'latency'
  }

  #tellNone(names: string): void {
    if (this.#told.has(names) || this.#told.size >= MOST) return
    this.#told.add(names)
    this.#onNote?.({
      kind: 'no_connects',
      text: `a table without connects is passed over: its columns are ${quoted(names)}.`,
    })
  }
}
