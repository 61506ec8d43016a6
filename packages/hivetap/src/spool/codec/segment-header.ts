import { crc32c } from '@node-rs/crc32'
import type { Run } from '../log/tape.js'
import { readU64, writeU64 } from './u64.js'
import { readUuid, writeUuid } from './uuid.js'

/**
 * What a segment begins with: where the log stood when it was begun, so that the end of the log is known also when every
 * batch before it was removed.
 *
 * ```
 *  0  magic          4   FF 48 54 53
 *  4  version        u8  1
 *  5  flags          u8  bit 0: there is a ring position; bit 1: there is a run
 *  6  (zero)         u16
 *  8  place          u64 of its first record
 * 16  epoch          16  UUID of the run that was going on
 * 32  run place      u64
 * 40  run sequence   u64 of the first record of that run
 * 48  ring position  u64
 * 56  CRC            u32 CRC-32C of the 56 bytes before
 * 60  (zero)         u32
 * ```
 */
export const SEGMENT_HEADER_BYTES = 64
const MAGIC = 0x53_54_48_ff
const VERSION = 1
const HAS_RING_POSITION = 1
const HAS_RUN = 2

/** Where a log stood when a segment was begun. */
export interface SegmentHeader {
  readonly place: number
  readonly run: Run | undefined
  readonly ringPosition: bigint | undefined
}

export function encodeSegmentHeader({ place, run, ringPosition }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes[4] = VERSION
  bytes[5] = (ringPosition === undefined ? 0 : HAS_RING_POSITION) | (run === undefined ? 0 : HAS_RUN)
  writeU64(bytes, 8, place)
  if (run !== undefined) {
    writeUuid(bytes, 16, run.epoch)
    writeU64(bytes, 32, run.place)
    writeU64(bytes, 40, run.firstSequence)
  }
  bytes.writeBigUInt64LE(ringPosition ?? 0n, 48)
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, 56)), 56)
  return bytes
}

/** The header, or `undefined` if these bytes are none. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC || bytes[4] !== VERSION)
    return undefined
  if (bytes.readUInt32LE(56) !== crc32c(bytes.subarray(0, 56))) return undefined
  const flags = bytes[5] ?? 0
  const place = readU64(bytes, 8)
  const run = { epoch: readUuid(bytes, 16), place: readU64(bytes, 32), firstSequence: readU64(bytes, 40) }
  if (!Number.isSafeInteger(place) || run.place > place) return undefined
  if (!Number.isSafeInteger(run.firstSequence + place - run.place)) return undefined
  return {
    place,
    run: (flags & HAS_RUN) === 0 ? undefined : run,
    ringPosition: (flags & HAS_RING_POSITION) === 0 ? undefined : bytes.readBigUInt64LE(48),
  }
}
