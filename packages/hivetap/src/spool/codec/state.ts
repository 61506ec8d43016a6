import { crc32c } from '@node-rs/crc32'
import type { LostRange } from '../log/lost-ranges.js'
import type { Run, TapeState } from '../log/tape.js'
import { LOSS_REASONS } from '../spool.js'
import { readU64, writeU64 } from './u64.js'
import { readUuid, writeUuid } from './uuid.js'

/**
 * What stands beside the segments, in each of the two slots of `state`:
 *
 * ```
 *  0  magic          4   FF 48 54 43
 *  4  version        u8  1
 *  5  flags          u8  bit 0: there is a ring position
 *  6  readers        u16
 *  8  length         u32 of all this, without the CRC
 * 12  runs           u32
 * 16  lost ranges    u32
 * 20  CRC            u32 CRC-32C of the whole, with this field as zero
 * 24  generation     u64 of two slots the higher counts
 * 32  place          u64 where the next record goes
 * 40  ring position  u64
 * 48  runs           of each: epoch (16), place u64, first sequence u64
 *     lost ranges    of each: from u64, to u64, reason u64 (its place in LOSS_REASONS)
 *     readers        of each: acknowledged place u64, length of the name u8, name in UTF-8
 * ```
 */
const HEAD_BYTES = 48
const RUN_BYTES = 32
const LOST_BYTES = 24
const MAGIC = 0x43_54_48_ff
const VERSION = 1
/** Bytes of a slot: as many runs, lost ranges and readers as there may be. */
export const STATE_SLOT_BYTES = 1 << 16
export const MAX_READERS = 32
export const MAX_READER_NAME_BYTES = 255

/** A log's memory of itself: what the segments alone do not say. */
export interface SpoolState extends TapeState {
  readonly generation: number
  /** The place up to which each reader has acknowledged. */
  readonly cursors: ReadonlyMap<string, number>
}

export function encodeState(state: SpoolState): Buffer {
  const { runs, lost, ringPosition } = state
  const names = [...state.cursors].map(([name, place]) => ({ name: Buffer.from(name), place }))
  const length = names.reduce(
    (sum, { name }) => sum + 9 + name.length,
    HEAD_BYTES + runs.length * RUN_BYTES + lost.length * LOST_BYTES,
  )
  const bytes = Buffer.alloc(length)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes[4] = VERSION
  bytes[5] = ringPosition === undefined ? 0 : 1
  bytes.writeUInt16LE(names.length, 6)
  bytes.writeUInt32LE(length, 8)
  bytes.writeUInt32LE(runs.length, 12)
  bytes.writeUInt32LE(lost.length, 16)
  writeU64(bytes, 24, state.generation)
  writeU64(bytes, 32, state.place)
  bytes.writeBigUInt64LE(ringPosition ?? 0n, 40)
  let at = HEAD_BYTES
  for (const { epoch, place, firstSequence } of runs) {
    writeUuid(bytes, at, epoch)
    writeU64(bytes, at + 16, place)
    writeU64(bytes, at + 24, firstSequence)
    at += RUN_BYTES
  }
  for (const { from, to, reason } of lost) {
    writeU64(bytes, at, from)
    writeU64(bytes, at + 8, to)
    writeU64(bytes, at + 16, LOSS_REASONS.indexOf(reason))
    at += LOST_BYTES
  }
  for (const { name, place } of names) {
    writeU64(bytes, at, place)
    bytes[at + 8] = name.length
    bytes.set(name, at + 9)
    at += 9 + name.length
  }
  bytes.writeUInt32LE(crc32c(bytes), 20)
  return bytes
}

/** The state in a slot, or `undefined` if none stands there that was wholly written. */
export function decodeState(slot: Buffer): SpoolState | undefined {
  if (slot.length < HEAD_BYTES || slot.readUInt32LE(0) !== MAGIC || slot[4] !== VERSION) return undefined
  const length = slot.readUInt32LE(8)
  const [runCount, lostCount] = [slot.readUInt32LE(12), slot.readUInt32LE(16)]
  if (length > slot.length || HEAD_BYTES + runCount * RUN_BYTES + lostCount * LOST_BYTES > length)
    return undefined
  const bytes = Buffer.from(slot.subarray(0, length))
  bytes.writeUInt32LE(0, 20)
  if (crc32c(bytes) !== slot.readUInt32LE(20)) return undefined
  let at = HEAD_BYTES
  const runs: Run[] = []
  for (let run = 0; run < runCount; run++, at += RUN_BYTES)
    runs.push({
      epoch: readUuid(bytes, at),
      place: readU64(bytes, at + 16),
      firstSequence: readU64(bytes, at + 24),
    })
  const lost: LostRange[] = []
  for (let range = 0; range < lostCount; range++, at += LOST_BYTES) {
    const reason = LOSS_REASONS[readU64(bytes, at + 16)]
    if (reason === undefined) return undefined
    lost.push({ from: readU64(bytes, at), to: readU64(bytes, at + 8), reason })
  }
  const cursors = new Map<string, number>()
  for (let reader = bytes.readUInt16LE(6); reader > 0; reader--) {
    const next = at + 9 + (bytes[at + 8] ?? length)
    if (next > length) return undefined
    cursors.set(bytes.toString('utf8', at + 9, next), readU64(bytes, at))
    at = next
  }
  const place = readU64(bytes, 32)
  const numbers = [place, ...cursors.values(), ...runs.map((run) => run.place), ...lost.map(({ to }) => to)]
  if (!numbers.every((number) => Number.isSafeInteger(number) && number <= place)) return undefined
  const ringPosition = ((bytes[5] ?? 0) & 1) === 0 ? undefined : bytes.readBigUInt64LE(40)
  return { generation: readU64(bytes, 24), place, ringPosition, runs, lost, cursors }
}
