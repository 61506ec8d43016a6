import type { Column } from '../probes/tool.js'
import { ENVELOPE_VERSION } from '../stream/envelope.js'
import { jsonString } from '../stream/printable.js'
import type { Account } from '../stream/sink.js'
import type { JsonLines } from './json-lines.js'
import type { Table } from './table.js'
import type { LineFormat } from './text-sink.js'
import { WallClock } from './wall-clock.js'

/**
 * Events as JSON, each with its row of the table as `row`: for whoever merges the streams of several hosts, and shows them as
 * each host would.
 *
 * Before them stands a record of its own, `head`: the names of the columns, the clocks that are left to whoever merges (the
 * time since the first event means nothing among several streams, and a host's time of day is of its own zone), and the time
 * that this host has.
 */
export class RowLines<E> implements LineFormat<E> {
  readonly head: string
  readonly #json: JsonLines<E>
  readonly #table: Table<E>
  readonly #weight: ((event: E) => number) | undefined

  /**
   * @param columns all of the table's
   * @param tableOf makes the table of those columns that stand in rows
   * @param weight of how many things a line tells, as the account counts them; of one, without
   */
  constructor(
    tool: string,
    json: JsonLines<E>,
    columns: readonly Column<E>[],
    tableOf: (columns: readonly Column<E>[]) => Table<E>,
    weight?: (event: E) => number,
  ) {
    this.#json = json
    this.#weight = weight
    this.#table = tableOf(columns.filter(({ clock }) => clock === undefined))
    const clocks = columns.flatMap(({ clock = [] }) => clock)
    this.head =
      `{"version":${ENVELOPE_VERSION},"time":"${new WallClock().now()}","tool":${jsonString(tool)},"record":"head",` +
      `"clocks":${JSON.stringify(clocks)},"head":${jsonString(withoutNewline(this.#table.head))}}\n`
  }

  beginBatch(): void {
    this.#json.beginBatch()
    this.#table.beginBatch()
  }

  line(event: E): string {
    const row = withoutNewline(this.#table.line(event))
    const weight = this.#weight === undefined ? '' : `,"weight":${this.#weight(event)}`
    return `${this.#json.line(event).slice(0, -'}\n'.length)}${weight},"row":${jsonString(row)}}\n`
  }

  account(account: Account): string {
    return this.#json.account(account)
  }
}

function withoutNewline(line: string): string {
  return line.endsWith('\n') ? line.slice(0, -1) : line
}
