import { type FilterConstants, type FilterOptions, filterConstants } from './filters.js'
import type { Placement } from './tool.js'

/** The constants that every tool's object has: those of ledger.h and filters.h. */
export interface ToolConstants extends FilterConstants {
  readonly ringBuffer: boolean
  readonly toolIndex: number
}

/** What ledger.h and filters.h are told at a place of the ladder. */
export function toolConstants(options: FilterOptions, { buffer, toolIndex = 0 }: Placement): ToolConstants {
  return { ...filterConstants(options), ringBuffer: buffer === 'ringbuf', toolIndex }
}
