/** Bytes that may be written behind what is asked for: four are copied at once. */
export const LZ4_SLACK = 4
/** From so many bytes on it pays to have the engine copy them. */
const LONG = 256

/** Bytes, and a view of the same: it reads and writes four of them at once. */
export interface ViewedBytes {
  readonly bytes: Buffer
  readonly view: DataView
}

export function viewed(bytes: Buffer): ViewedBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) }
}

/*
 * A block of LZ4 is a row of sequences, each of which is
 *
 *   token        u8   upper half: how many literals, lower half: how many bytes are repeated, less 4
 *   more of it   u8…  where the upper half is 15: added to it, as long as it is 255
 *   literals          to be taken as they are; the last sequence ends with them
 *   offset       u16  little-endian: how far back what is repeated begins
 *   more of it   u8…  where the lower half is 15, likewise
 */

/**
 * Expands a block. What is written by whoever wrote it is held against the bounds: whatever it is, nothing is read or written
 * outside of them.
 *
 * @param from where the block begins in `source`, and `to` where it ends
 * @param at where it is written in `room`, which has {@link LZ4_SLACK} bytes more than up to `end`: there it must be over
 * @param least where what may be repeated begins in `room`
 * @returns behind the last byte that was written
 * @throws {RangeError} if it is none
 */
export function expandBlock(
  source: ViewedBytes,
  from: number,
  to: number,
  room: ViewedBytes,
  at: number,
  end: number,
  least: number,
): number {
  const { bytes, view } = source
  const { bytes: out, view: outView } = room
  // Four literals at once may be read from behind the last, where there are some.
  const wideTo = Math.min(to, bytes.length - LZ4_SLACK)
  let read = from
  let write = at
  while (read < to) {
    const token = bytes[read++] as number
    let literals = token >>> 4
    if (literals === 15) {
      let more: number
      do {
        more = bytes[read++] as number
        literals += more
      } while (more === 255)
    }
    if (literals > 0) {
      const readEnd = read + literals
      // Not turned round: behind the end of all bytes, these are no numbers.
      if (!(readEnd <= to && write + literals <= end)) throw spoilt()
      if (readEnd > wideTo) out.set(bytes.subarray(read, readEnd), write)
      else
        for (let index = 0; index < literals; index += 4)
          outView.setInt32(write + index, view.getInt32(read + index, true), true)
      read = readEnd
      write += literals
    }
    if (read === to) return write
    if (read + 2 > to) throw spoilt()
    const offset = (bytes[read] as number) | ((bytes[read + 1] as number) << 8)
    read += 2
    let length = (token & 15) + 4
    if (length === 19) {
      let more: number
      do {
        more = bytes[read++] as number
        length += more
      } while (more === 255)
    }
    const copyEnd = write + length
    let copy = write - offset
    if (!(offset > 0 && copy >= least && copyEnd <= end)) throw spoilt()
    if (length >= LONG && offset >= length) out.copyWithin(write, copy, copy + length)
    else if (offset >= 4)
      for (; write < copyEnd; write += 4, copy += 4)
        outView.setInt32(write, outView.getInt32(copy, true), true)
    // What is repeated is written meanwhile.
    else for (; write < copyEnd; write++, copy++) out[write] = out[copy] as number
    write = copyEnd
  }
  throw spoilt()
}

function spoilt(): RangeError {
  return new RangeError('It cannot be decompressed: a block of LZ4 in it is spoilt.')
}
