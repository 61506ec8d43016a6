import type { SpoolRecord } from '../spool/spool.js'

const NEWLINE = Buffer.from('\n')

/** Records as JSON lines: each with its newline, in one piece. */
export function jsonLinesOf(records: readonly SpoolRecord[]): Buffer {
  return Buffer.concat(records.flatMap(({ value }) => [value, NEWLINE]))
}

/** Records as one JSON array. */
export function jsonArrayOf(records: readonly SpoolRecord[]): Buffer {
  const parts = records.flatMap(({ value }, index) => [Buffer.from(index === 0 ? '[' : ','), value])
  return Buffer.concat(records.length === 0 ? [Buffer.from('[]')] : [...parts, Buffer.from(']')])
}
