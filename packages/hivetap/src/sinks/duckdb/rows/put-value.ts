import type { Column } from './column.js'
import type { Nanoseconds } from './nanoseconds.js'
import type { RowBlock } from './row-block.js'

/**
 * Puts a value of a parsed record into the row that a block is putting together.
 *
 * @returns whether the column can take it
 */
export function putValue(block: RowBlock, column: Column, value: unknown, times: Nanoseconds): boolean {
  const { arena, count: row } = block
  const start = arena.used
  switch (column.type) {
    case 'VARCHAR':
      arena.add(typeof value === 'string' ? value : JSON.stringify(value))
      column.putText(row, arena, start)
      return true
    case 'BIGINT':
      if (!Number.isSafeInteger(value)) return false
      column.putInteger(row, value as number)
      return true
    case 'DOUBLE':
      if (typeof value !== 'number') return false
      column.putDouble(row, value)
      return true
    case 'BOOLEAN':
      if (typeof value !== 'boolean') return false
      column.putBoolean(row, value)
      return true
    case 'VARCHAR[]': {
      if (!Array.isArray(value) || !value.every((part) => typeof part === 'string')) return false
      const first = column.parts
      for (const part of value as string[]) {
        const from = arena.used
        arena.add(part)
        column.addPart(arena, from)
      }
      column.putList(row, first)
      return true
    }
    case 'TIMESTAMP_NS':
      if (typeof value !== 'string' || !times.of(value)) return false
      column.putParts(row, times.low, times.high)
      return true
  }
}
