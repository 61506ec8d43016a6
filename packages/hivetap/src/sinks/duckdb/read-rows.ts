import { setImmediate as rest } from 'node:timers/promises'
import type { SpoolBatch } from '../../spool/spool.js'
import type { Columns } from './columns.js'
import { Nanoseconds } from './rows/nanoseconds.js'
import { TableRows } from './rows/table-rows.js'
import type { Schema } from './schema.js'

/** Rows of a batch, as they were read from its lines before anything was written. */
export interface BatchRows {
  readonly epoch: string
  /** The least sequence of them. */
  readonly first: number
  /** The sequence behind the last. */
  readonly behind: number
  readonly count: number
  readonly tables: ReadonlyMap<string, TableRows>
}

/** Reads whole batches of events as the agent writes them. The rows of one are forgotten before the next is read. */
export class RowReader {
  readonly #times = new Nanoseconds()
  readonly #tables = new Map<string, TableRows>()

  /**
   * Reads a batch, and lets others have their turn after each block of rows.
   *
   * @returns `undefined` where it has anything but lines that are read without the parser, all of one epoch, each with a
   *   sequence behind that of the line before
   */
  async read({ records }: SpoolBatch, schema: Schema): Promise<BatchRows | undefined> {
    const inUse = new Map<string, TableRows>()
    let rows: TableRows | undefined
    let last = ''
    let epoch: string | undefined
    let first = 0
    let behind = 0
    for (const { kind, tool, value } of records) {
      if (kind !== 'event') return undefined
      if (rows === undefined || tool !== last) {
        rows = inUse.get(tool) ?? this.#rowsOf(tool, schema)
        if (rows === undefined) return undefined
        inUse.set(tool, rows)
        last = tool
      }
      const { plain } = rows
      if (!plain.read(value)) return undefined
      if (epoch === undefined) first = plain.sequence
      else if (plain.epoch !== epoch || plain.sequence < behind) return undefined
      epoch = plain.epoch
      behind = plain.sequence + 1
      if (rows.keep()) await rest()
    }
    return epoch === undefined ? undefined : { epoch, first, behind, count: records.length, tables: inUse }
  }

  /** Forgets all rows, and tables of which there were none. */
  clear(): void {
    for (const [table, rows] of this.#tables)
      if (rows.blocks.length === 0) this.#tables.delete(table)
      else rows.clear()
  }

  #rowsOf(table: string, { tables }: Schema): TableRows | undefined {
    const columns = tables.get(table)
    if (columns === undefined) return undefined
    const there = this.#tables.get(table)
    if (there !== undefined && areSame(there.columns, columns)) return there
    const made = new TableRows(columns, this.#times)
    this.#tables.set(table, made)
    return made
  }
}

/** Whether they are the same columns in the same order. */
export function areSame(one: Columns, other: Columns): boolean {
  if (one === other) return true
  if (one.size !== other.size) return false
  const others = other.entries()
  for (const [name, type] of one) {
    const next = others.next().value
    if (next?.[0] !== name || next[1] !== type) return false
  }
  return true
}
