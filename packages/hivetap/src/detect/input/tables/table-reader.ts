import type { Outcome } from '../../observation.js'
import type { Giver } from '../giver.js'
import { ipEnd } from '../ip-end.js'
import { causeNamed, outcomeOf } from '../labels.js'
import type { ReaderOptions } from '../reader-options.js'
import { quoted, type Tally } from '../tally.js'
import { BegunConnects } from './begun-connects.js'
import { cleanLine } from './clean-line.js'
import { parseHeader } from './header.js'
import { numberAtEnd } from './latency-at-end.js'
import { Row } from './row.js'
import { RowClock } from './row-clock.js'
import { emptyValues, readCells } from './row-values.js'
import type { Table } from './table.js'
import { Tables } from './tables.js'
import { UnknownColumns } from './unknown-columns.js'

/** So often a row is read whole though its latency is below: its time of day is followed. */
const READ_WHOLE = 1024

/** Reads rows of tables: which columns they have, the header says that came last. */
export class TableReader {
  readonly #tally: Tally
  readonly #giver: Giver
  readonly #stream: number
  readonly #tables: Tables
  readonly #unknown: UnknownColumns
  readonly #clock: RowClock
  readonly #row = new Row()
  readonly #values = emptyValues()
  readonly #begun = new BegunConnects()
  /** Microseconds of a unit of the latency, where the end of a line is enough; else 0. */
  #endUnitUs = 0
  #rows = 0

  constructor(options: ReaderOptions & { readonly aheadUs: number }, tally: Tally, giver: Giver) {
    this.#tally = tally
    this.#giver = giver
    this.#stream = options.stream ?? 0
    this.#tables = new Tables(options.onNote)
    this.#unknown = new UnknownColumns(tally, options.onNote)
    this.#clock = new RowClock(options.nowUs, options.aheadUs)
    if (options.header !== undefined && !this.#header(options.header))
      throw new Error(
        `This is no header of a table: "${quoted(options.header)}". It is to name columns, as in "PID COMM IP SADDR DADDR DPORT LAT(ms)".`,
      )
  }

  /** @param number of the line */
  line(bytes: Buffer, from: number, to: number, number: () => string): void {
    if (this.#endUnitUs > 0 && this.#isBelow(bytes, from, to)) {
      this.#tally.below()
      return
    }
    const text = cleanLine(bytes, from, to)
    if (text.trim() === '' || (mayBeHeader(text) && this.#header(text))) this.#tally.other()
    else if (!this.#tables.isAny) this.#unknown.line(text, number())
    else {
      const reason = this.#readRow(text)
      if (reason !== undefined) this.#tally.unreadable(reason, number, () => text)
    }
  }

  end(): void {
    this.#unknown.end()
  }

  #isBelow(bytes: Buffer, from: number, to: number): boolean {
    if (this.#rows++ % READ_WHOLE === 0) return false
    const latency = numberAtEnd(bytes, from, to)
    return latency >= 0 && Math.round(latency * this.#endUnitUs) < this.#giver.overUs
  }

  #header(text: string): boolean {
    const header = parseHeader(text)
    if (header === undefined) return false
    this.#unknown.headerCame()
    this.#clock.restart()
    this.#rows = 0
    const table = this.#tables.add(header)
    const isEndEnough = table.kind === 'latency' && table.isLatencyLast && table.tool === undefined
    const unitUs = table.columns[table.places.latency ?? -1]?.unitUs
    this.#endUnitUs = isEndEnough && table.separator === ' ' && this.#giver.overUs > 0 ? (unitUs ?? 0) : 0
    return true
  }

  /** @returns why it cannot be read */
  #readRow(text: string): string | undefined {
    const table = this.#tables.of(text)
    if (table === undefined) return 'columns'
    if (table.kind === 'none') {
      this.#tally.other()
      return undefined
    }
    if (!this.#row.split(text, table)) return 'columns'
    const reason = readCells(this.#row, table, this.#values)
    if (reason !== undefined) return reason
    const outcome = this.#outcome(table)
    if (outcome === undefined) {
      this.#tally.other()
      return undefined
    }
    if (this.#tables.isTwin(table, outcome)) {
      this.#tally.twin(1)
      return undefined
    }
    return this.#give(table, outcome)
  }

  /** How the connect ended that the row tells of; `undefined` if it tells of something else. */
  #outcome(table: Table): Outcome | undefined {
    const { places } = table
    const values = this.#values
    if (table.kind === 'states') return this.#ofStates(places)
    if (table.kind === 'events')
      return /^(?:C|connect)$/.test(this.#row.cell(places.event_type)) ? 'connected' : undefined
    if (values.remark !== '') return outcomeOf(values.remark)
    // That it failed, hivetap's table says behind the row; of other tools' rows it is not known.
    return table.tool === 'tcpconnlat' ? 'connected' : outcomeOf(values.outcome)
  }

  #ofStates(places: Table['places']): Outcome | undefined {
    const from = this.#row.cell(places.old_state)
    const to = this.#row.cell(places.new_state)
    const values = this.#values
    const socket = this.#row.cell(places.socket)
    if (to === 'SYN_SENT') this.#begun.begin(socket, values.pid, values.comm)
    if (from !== 'SYN_SENT') return undefined
    const begun = this.#begun.end(socket)
    values.pid = begun?.pid ?? 0
    values.comm = begun?.comm ?? ''
    return to === 'ESTABLISHED' ? 'connected' : 'failed'
  }

  #give({ columns, places }: Table, outcome: Outcome): string | undefined {
    const { observation } = this.#giver
    const { time, latencyUs, cause, host, comm, pid, address, port } = this.#values
    const timeUs = this.#clock.timeUs(time, columns[places.time ?? -1]?.unitUs ?? 1)
    if (timeUs === undefined) return 'time'
    if (this.#clock.clamped > 0) {
      this.#tally.counts.clamped += this.#clock.clamped
      this.#clock.clamped = 0
    }
    observation.timeUs = timeUs
    observation.stream = this.#stream
    observation.eventId = ''
    observation.epoch = ''
    observation.sequence = -1
    observation.latencyUs = latencyUs
    observation.outcome = outcome
    observation.cause = causeNamed(cause)
    observation.host = host
    observation.comm = comm
    observation.pid = pid
    observation.source = comm
    observation.destination = port < 0 ? address : ipEnd(address, port)
    observation.weight = 1
    this.#giver.give()
    return undefined
  }
}

/** Names of columns begin with a capital; before them may stand spaces, or the date of Go's package log. */
function mayBeHeader(text: string): boolean {
  const code = text.charCodeAt(0)
  return (code >= 0x41 && code <= 0x5a) || code === 0x20 || code === 0x09 || /^\d{4}\//.test(text)
}
