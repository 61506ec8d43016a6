import { crc32c } from '@node-rs/crc32'
import { readU64, writeU64 } from './u64.js'
import { readUuid, writeUuid } from './uuid.js'

/**
 * What stands before a batch on disk, and once more behind it:
 *
 * ```
 *  0  magic         4   FF 48 54 46 before, FF 48 54 45 behind: FF stands in no UTF-8 text
 *  4  version       u8  1
 *  5  flags         u8  bit 0: there is a ring position
 *  6  (zero)        u16
 *  8  length        u32 bytes of the frame, from this header to the end of the one behind
 * 12  count         u32 records
 * 16  epoch         16  UUID
 * 32  sequence      u64 of the first record
 * 40  place         u64 records of this log before it, accepted or lost
 * 48  run place     u64 place of the first record of this epoch
 * 56  ring position u64
 * 64  body CRC      u32 CRC-32C of what lies between the two headers
 * 68  header CRC    u32 CRC-32C of the 68 bytes before
 * ```
 *
 * Numbers are little-endian. Two headers, so that a bit that flips in one costs nothing, and so that a frame whose records
 * are damaged still says which they were.
 */
export const HEADER_BYTES = 72
export const FRAME_VERSION = 1
/** The largest frame; a batch beyond it is not accepted. */
export const MAX_FRAME_BYTES = 1 << 25
/** What both magics begin with: what is searched for behind damage. */
export const MAGIC = Buffer.from([0xff, 0x48, 0x54])
const LAST_OF_MAGIC = { before: 0x46, behind: 0x45 } as const
const HAS_RING_POSITION = 1

/** What a header says of its frame. */
export interface FrameHeader {
  readonly length: number
  readonly count: number
  readonly epoch: string
  readonly firstSequence: number
  /** Records of this log before it, accepted or lost: in a log without damage each frame begins where the last ended. */
  readonly place: number
  /** Place of the first record of its epoch: what tells, of any place of it, the sequence. */
  readonly runPlace: number
  readonly ringPosition: bigint | undefined
  readonly bodyCrc: number
}

/** Which of the two headers of a frame. */
export type HeaderSide = keyof typeof LAST_OF_MAGIC

export function writeHeader(bytes: Buffer, offset: number, side: HeaderSide, header: FrameHeader): void {
  MAGIC.copy(bytes, offset)
  bytes[offset + 3] = LAST_OF_MAGIC[side]
  bytes[offset + 4] = FRAME_VERSION
  bytes[offset + 5] = header.ringPosition === undefined ? 0 : HAS_RING_POSITION
  bytes.writeUInt16LE(0, offset + 6)
  bytes.writeUInt32LE(header.length, offset + 8)
  bytes.writeUInt32LE(header.count, offset + 12)
  writeUuid(bytes, offset + 16, header.epoch)
  writeU64(bytes, offset + 32, header.firstSequence)
  writeU64(bytes, offset + 40, header.place)
  writeU64(bytes, offset + 48, header.runPlace)
  bytes.writeBigUInt64LE(header.ringPosition ?? 0n, offset + 56)
  bytes.writeUInt32LE(header.bodyCrc, offset + 64)
  bytes.writeUInt32LE(crc32c(bytes.subarray(offset, offset + 68)), offset + 68)
}

/** The header that stands there; `undefined` if none does, or not the whole of it, or one that cannot be. */
export function readHeader(bytes: Buffer, offset: number, side: HeaderSide): FrameHeader | undefined {
  if (offset < 0 || offset + HEADER_BYTES > bytes.length) return undefined
  if (bytes[offset] !== MAGIC[0] || bytes[offset + 1] !== MAGIC[1] || bytes[offset + 2] !== MAGIC[2])
    return undefined
  if (bytes[offset + 3] !== LAST_OF_MAGIC[side] || bytes[offset + 4] !== FRAME_VERSION) return undefined
  if (bytes.readUInt32LE(offset + 68) !== crc32c(bytes.subarray(offset, offset + 68))) return undefined
  const hasRing = ((bytes[offset + 5] ?? 0) & HAS_RING_POSITION) !== 0
  const header: FrameHeader = {
    length: bytes.readUInt32LE(offset + 8),
    count: bytes.readUInt32LE(offset + 12),
    epoch: readUuid(bytes, offset + 16),
    firstSequence: readU64(bytes, offset + 32),
    place: readU64(bytes, offset + 40),
    runPlace: readU64(bytes, offset + 48),
    ringPosition: hasRing ? bytes.readBigUInt64LE(offset + 56) : undefined,
    bodyCrc: bytes.readUInt32LE(offset + 64),
  }
  return isPossible(header) ? header : undefined
}

/** A checksum says that nothing changed, not that whoever wrote it meant well. */
function isPossible({ length, count, firstSequence, place, runPlace }: FrameHeader): boolean {
  return (
    length >= 2 * HEADER_BYTES &&
    length <= MAX_FRAME_BYTES &&
    count > 0 &&
    Number.isSafeInteger(firstSequence + count) &&
    Number.isSafeInteger(place + count) &&
    runPlace <= place &&
    firstSequence >= place - runPlace
  )
}
