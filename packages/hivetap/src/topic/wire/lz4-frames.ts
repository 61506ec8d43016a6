import { expandBlock, LZ4_SLACK, viewed } from './lz4-block.js'

/*
 * A frame of LZ4, with numbers little-endian:
 *
 *   magic          u32  0x184d2204
 *   flags          u8   bits 6, 7: version 1; 5: blocks stand for themselves; 4: blocks have checksums; 3: the length of the
 *                       content is told; 2: the content has a checksum; 0: a dictionary is used
 *   largest block  u8   bits 4 to 6: 4 to 7, for 64 KB, 256 KB, 1 MB, 4 MB
 *   length         u64  of the content, if it is told
 *   checksum       u8   of flags, largest block and length
 *   blocks              u32 length, then so many bytes; bit 31: they are not compressed
 *   0              u32  where a block would begin: the end
 */
const MAGIC = 0x184d2204
const VERSION = 0x40
const APART = 0x20
const TELLS_LENGTH = 0x08
const PLAIN = 0x80000000

/** What is kept for the next frame at most. */
const KEPT_BYTES = 8 * 1024 * 1024
const FIRST_BYTES = 64 * 1024

/**
 * Expands frames of LZ4 as clients of Kafka write them, each into the memory of the one before: to have the engine make new
 * memory for each, and find out that it is free again, takes longer than to expand it.
 */
export class Lz4Frames {
  readonly #mostBytes: number
  #room = viewed(Buffer.alloc(0))

  /** @param mostBytes a frame of more is none */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /**
   * Expands a frame. The batch that it stands in has a checksum: that of the frame's head is not looked at.
   *
   * @returns what is in it, until the next is expanded; `undefined` if it is a frame with a dictionary or more checksums, or
   *   none at all: it is left to others
   * @throws {RangeError} if it is spoilt
   */
  expand(bytes: Buffer): Buffer | undefined {
    if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) return undefined
    const flags = bytes[4] as number
    const size = bytes[5] as number
    if ((flags & ~(APART | TELLS_LENGTH)) !== VERSION || (size & 0x8f) !== 0 || size < 0x40) return undefined
    const tellsLength = (flags & TELLS_LENGTH) !== 0
    const length = this.#blocks(
      bytes,
      tellsLength ? 15 : 7,
      2 ** ((size >>> 4) * 2 + 8),
      (flags & APART) !== 0,
    )
    if (tellsLength && (bytes.length < 14 || BigInt(length) !== bytes.readBigUInt64LE(6)))
      throw new RangeError('It cannot be decompressed: it has another length than it says.')
    return this.#room.bytes.subarray(0, length)
  }

  /** @returns bytes of all blocks, expanded */
  #blocks(bytes: Buffer, from: number, mostOfBlock: number, areApart: boolean): number {
    const source = viewed(bytes)
    if (this.#room.bytes.length > KEPT_BYTES) this.#room = viewed(Buffer.alloc(0))
    let write = 0
    for (let at = from; ; ) {
      const word = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Number.NaN
      if (word === 0) return write
      const length = word & ~PLAIN
      const begin = at + 4
      at = begin + length
      if (!(length <= mostOfBlock && at <= bytes.length))
        throw new RangeError('It cannot be decompressed: it ends within a block of LZ4.')
      const most = word >= PLAIN ? length : mostOfBlock
      this.#need(write, write + most)
      const room = this.#room
      if (word >= PLAIN) write += bytes.copy(room.bytes, write, begin, at)
      else write = expandBlock(source, begin, at, room, write, write + most, areApart ? write : 0)
    }
  }

  /** Sees that there is room up to `end`; what is there up to `used` is kept. */
  #need(used: number, end: number): void {
    const { bytes } = this.#room
    if (end + LZ4_SLACK <= bytes.length) return
    if (used > this.#mostBytes)
      throw new RangeError(`It is more than ${this.#mostBytes} bytes once decompressed.`)
    const grown = Buffer.allocUnsafeSlow(
      Math.max(FIRST_BYTES, Math.min(bytes.length * 2, this.#mostBytes), end + LZ4_SLACK),
    )
    bytes.copy(grown, 0, 0, used)
    this.#room = viewed(grown)
  }
}
