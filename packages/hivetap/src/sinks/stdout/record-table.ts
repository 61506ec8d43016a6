import { monotonicNs } from '@hivetap/bpf'
import type { AnyTool, Column } from '../../probes/tool.js'
import { TOOLS } from '../../probes/tools.js'
import type { SpoolRecord } from '../../spool/spool.js'
import { type JsonObject, parseJsonObject } from '../../stream/json-object.js'
import type { IdentityTextOf } from '../identity-columns.js'
import { Table } from '../table.js'
import { tableColumns } from '../tool-format.js'

/** What a table shows. */
export interface RecordTableOptions {
  /** Names of its columns, instead of those that the tool has. */
  readonly columns?: readonly string[] | undefined
  /** With all that the tool’s `--wide` shows, and pods. */
  readonly wide: boolean
}

/**
 * Records as tables: each tool’s as the tool itself prints it, its header wherever another’s row came before. Accounts are
 * for programs, and are not shown.
 */
export class RecordTable {
  readonly #parts: ReadonlyMap<string, { readonly tool: AnyTool; readonly table: Table<unknown> }>
  #last: string | undefined
  /** What is told now: columns look at it for what its event does not have. */
  #record: JsonObject = {}

  /** @throws {Error} if a tool has no such column */
  constructor(options: RecordTableOptions, tools: readonly AnyTool[] = TOOLS) {
    this.#parts = new Map(tools.map((tool) => [tool.name, { tool, table: this.#tableOf(tool, options) }]))
  }

  /** The lines of records, in one piece. */
  linesOf(records: readonly SpoolRecord[]): Buffer {
    return Buffer.from(records.map((record) => this.#line(record)).join(''))
  }

  #line({ kind, tool: name, timeMs, value }: SpoolRecord): string {
    const part = this.#parts.get(name)
    const record = kind === 'event' ? parseJsonObject(value) : undefined
    if (part === undefined || record === undefined) return ''
    const { tool, table } = part
    const head = this.#last === name ? '' : table.head
    this.#last = name
    this.#record = record
    return head + table.line({ ...tool.ofRecord(record), timeNs: monotonicOf(timeMs) })
  }

  #tableOf(tool: AnyTool, { columns, wide }: RecordTableOptions): Table<unknown> {
    const options = { wide }
    const textOf: IdentityTextOf<unknown> = (_event, field) => {
      const value = this.#record[field]
      return typeof value === 'string' ? value : undefined
    }
    const own = tableColumns<unknown, unknown>(tool, options, { columns, namesPods: wide }, textOf)
    const shown = own.map((column) => ({ ...column, text: this.#textOf(column) }))
    return new Table(shown, (event) => tool.remark(event, options), new Map())
  }

  /** What is made of a field that the record does not have shows as nothing. */
  #textOf({ field, text }: Column<unknown>): Column<unknown>['text'] {
    return (event) =>
      typeof field === 'string' && this.#record[field] === undefined ? undefined : text(event)
  }
}

/** The time of CLOCK_MONOTONIC that was at one since 1970. */
function monotonicOf(timeMs: number): number {
  return Number(monotonicNs()) + (timeMs - Date.now()) * 1e6
}
