import { crc32c } from '@node-rs/crc32'
import { RECORD_KINDS, type SpoolBatch, type SpoolRecord } from '../spool.js'
import { type FrameHeader, HEADER_BYTES, writeHeader } from './frame-header.js'

/**
 * A batch between its two headers:
 *
 * ```
 * tools    u16, then of each: u8 length, name in UTF-8
 * records  of each: u8 kind (0 event, 1 ledger, 2 summary), u16 tool, u32 length of the value, f64 timeMs, the value
 * ```
 */
const RECORD_BYTES = 15
const MAX_TOOL_BYTES = 255
const MAX_TOOLS = 65_535

/** What a batch takes as a frame, and the names in it: told first, since a bound may refuse it before a byte is copied. */
export interface FramePlan {
  readonly length: number
  readonly tools: ReadonlyMap<string, number>
  readonly names: readonly Buffer[]
}

/** @throws {RangeError} if a tool's name, or their number, is beyond what a frame can say */
export function planFrame(records: readonly SpoolRecord[]): FramePlan {
  const tools = new Map<string, number>()
  const names: Buffer[] = []
  let length = 2 * HEADER_BYTES + 2 + records.length * RECORD_BYTES
  let last: string | undefined
  for (const { tool, value } of records) {
    length += value.length
    if (tool === last) continue
    last = tool
    if (tools.has(tool)) continue
    const name = Buffer.from(tool)
    if (name.length > MAX_TOOL_BYTES || names.length === MAX_TOOLS)
      throw new RangeError(
        `Cannot spool tool ${JSON.stringify(tool)}: a name has at most 255 bytes, a batch 65,535 of them`,
      )
    tools.set(tool, names.length)
    names.push(name)
    length += 1 + name.length
  }
  return { length, tools, names }
}

/** A batch in the bytes of a frame: one piece, for one write. */
export function encodeFrame(
  batch: SpoolBatch,
  plan: FramePlan,
  place: number,
  runPlace: number,
  room: Buffer = Buffer.allocUnsafe(plan.length),
): Buffer {
  const { length, tools, names } = plan
  const bytes = room.subarray(0, length)
  let at = bytes.writeUInt16LE(names.length, HEADER_BYTES)
  for (const name of names) {
    bytes[at] = name.length
    bytes.set(name, at + 1)
    at += 1 + name.length
  }
  for (const { kind, tool, timeMs, value } of batch.records) {
    bytes[at] = RECORD_KINDS.indexOf(kind)
    bytes.writeUInt16LE(tools.get(tool) ?? 0, at + 1)
    bytes.writeUInt32LE(value.length, at + 3)
    bytes.writeDoubleLE(timeMs, at + 7)
    bytes.set(value, at + RECORD_BYTES)
    at += RECORD_BYTES + value.length
  }
  const header: FrameHeader = {
    length,
    count: batch.records.length,
    epoch: batch.epoch,
    firstSequence: batch.firstSequence,
    place,
    runPlace,
    ringPosition: batch.position,
    bodyCrc: crc32c(bytes.subarray(HEADER_BYTES, at)),
  }
  writeHeader(bytes, 0, 'before', header)
  writeHeader(bytes, at, 'behind', header)
  return bytes
}

/** Whether the records of the frame that begins there are as they were written. */
export function isIntact(bytes: Buffer, offset: number, { length, bodyCrc }: FrameHeader): boolean {
  return crc32c(bytes.subarray(offset + HEADER_BYTES, offset + length - HEADER_BYTES)) === bodyCrc
}

/**
 * The batch of an intact frame. Its values are views of `bytes`.
 *
 * @returns `undefined` if what stands there are no records
 */
export function decodeFrame(bytes: Buffer, offset: number, header: FrameHeader): SpoolBatch | undefined {
  const end = offset + header.length - HEADER_BYTES
  let at = offset + HEADER_BYTES
  if (at + 2 > end) return undefined
  const tools: string[] = []
  const names = bytes.readUInt16LE(at)
  at += 2
  for (let name = 0; name < names; name++) {
    const next = at + 1 + (bytes[at] ?? 0)
    if (next > end) return undefined
    tools.push(bytes.toString('utf8', at + 1, next))
    at = next
  }
  if (header.count > (end - at) / RECORD_BYTES) return undefined
  const records: SpoolRecord[] = []
  for (let record = 0; record < header.count; record++) {
    if (at + RECORD_BYTES > end) return undefined
    const kind = RECORD_KINDS[bytes[at] ?? RECORD_KINDS.length]
    const tool = tools[bytes.readUInt16LE(at + 1)]
    const from = at + RECORD_BYTES
    const next = from + bytes.readUInt32LE(at + 3)
    if (kind === undefined || tool === undefined || next > end) return undefined
    records.push({ kind, tool, timeMs: bytes.readDoubleLE(at + 7), value: bytes.subarray(from, next) })
    at = next
  }
  if (at !== end) return undefined
  const { epoch, firstSequence, ringPosition } = header
  return { epoch, firstSequence, records, ...(ringPosition === undefined ? {} : { position: ringPosition }) }
}
