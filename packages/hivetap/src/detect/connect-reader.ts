import type { InputCounts } from './input-counts.js'

/**
 * Reads connects from bytes: of lines as hivetap writes them, or of another tool's table. Pure: whoever reads a file, a pipe
 * or a topic gives it what was read.
 */
export interface ConnectReader {
  readonly counts: InputCounts
  /** Bytes as they were read: they may end in the middle of a line. They are not kept. */
  take(bytes: Uint8Array): void
  /** There is no more: a line without its end is read too. */
  end(): void
}
