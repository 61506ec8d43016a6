import type { RowClock } from '../../probes/tool.js'
import { type JsonObject, parseJsonObject } from '../../stream/json-object.js'
import { readTimeUs, TIME_LENGTH } from '../../stream/record-time.js'

/** What a line of `hivetap <tool> -o rows` tells. */
export type SessionRecord =
  | {
      readonly kind: 'event'
      readonly tool: string
      /** Microseconds since 1970, by the node's clock. */
      readonly timeUs: number
      /** Its row of the table, without a newline, as the node wrote it. */
      readonly row: string
      /** Of how many things it tells. */
      readonly weight: number
      readonly record: JsonObject
    }
  | {
      readonly kind: 'head'
      readonly tool: string
      readonly timeUs: number
      readonly head: string
      readonly clocks: readonly RowClock[]
    }
  | { readonly kind: 'ledger'; readonly tool: string; readonly ended: boolean; readonly record: JsonObject }

const CLOCKS: readonly RowClock[] = ['time_of_day', 'since_first']

/** @returns `undefined` if the line is none of these: nothing that a node writes is trusted to be right */
export function readRecord(line: Buffer): SessionRecord | undefined {
  const record = parseJsonObject(line)
  if (record === undefined) return undefined
  const { tool, time, record: kind, row, weight = 1, head, clocks, ended } = record as Record<string, unknown>
  if (typeof tool !== 'string' || typeof time !== 'string' || time.length !== TIME_LENGTH) return undefined
  const timeUs = readTimeUs(Buffer.from(time, 'latin1'), 0)
  if (timeUs === undefined) return undefined
  if (kind === 'ledger') return { kind, tool, ended: ended === true, record }
  if (kind === 'head') {
    if (typeof head !== 'string' || !Array.isArray(clocks)) return undefined
    return { kind, tool, timeUs, head, clocks: CLOCKS.filter((clock) => clocks.includes(clock)) }
  }
  if (kind !== undefined || typeof row !== 'string') return undefined
  if (!Number.isSafeInteger(weight) || (weight as number) < 0) return undefined
  return { kind: 'event', tool, timeUs, row, weight: weight as number, record }
}
