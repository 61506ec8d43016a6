import { crc32c } from '@node-rs/crc32'
import { CRC_END, HEADER_BYTES, LENGTH_END, MAGIC } from '../../sinks/kafka/batch-layout.js'
import { type BatchBytes, readHeader } from './record-batch.js'

/** Bytes that are no batch, or not as they were written. */
export interface SpoiltBatch {
  /** The first offset that cannot be read for it. */
  readonly offset: number
  /** Where to go on without it: behind the batch, or, where it does not tell how far it reaches, behind one offset. */
  readonly behind: number
  readonly why: string
}

/** What an answer holds of a partition. */
export interface BatchesIn {
  /** Those that are whole, and are what was written. */
  readonly batches: readonly BatchBytes[]
  /** What follows them, if that is none. */
  readonly spoilt: SpoiltBatch | undefined
}

/**
 * The batches of an answer. A length and an offset stand outside of the checksum, and anything may be wrong in what came over a
 * wire: each is held against what can be, so that nothing makes the reader leave records out, or read them twice.
 *
 * @param asked the offset that was asked for
 * @param end behind the last record that may be read
 */
export function batchesIn(bytes: Buffer, asked: number, end: number): BatchesIn {
  const batches: BatchBytes[] = []
  let next = asked
  for (let at = 0; at < bytes.length; ) {
    const size = sizeOf(bytes, at)
    // Brokers cut what follows where an answer has no more room, but never what was asked for.
    if (at + size > bytes.length && at > 0) break
    const whole = bytes.subarray(at, at + size)
    const batch = headerOf(whole, size)
    if (batch === undefined)
      return { batches, spoilt: { offset: next, behind: next + 1, why: whyNoHeader(whole, size) } }
    // More has come meanwhile than the answer knew: it is asked for again.
    if (batch.lastOffset >= end && at > 0) break
    // The first may begin before what was asked for.
    const why = whyNone(batch, { least: at === 0 ? 0 : next, next, end })
    if (why !== undefined) return { batches, spoilt: { offset: next, behind: behind(batch, next, end), why } }
    batches.push(batch)
    next = batch.lastOffset + 1
    at += size
  }
  return { batches, spoilt: undefined }
}

/** Bytes that a batch says it has. */
function sizeOf(bytes: Buffer, at: number): number {
  return bytes.length - at < LENGTH_END
    ? Number.POSITIVE_INFINITY
    : LENGTH_END + bytes.readInt32BE(at + LENGTH_END - 4)
}

/** @param size that it says it has */
function headerOf(whole: Buffer, size: number): BatchBytes | undefined {
  if (size < HEADER_BYTES || whole.length < size) return undefined
  try {
    return readHeader(whole)
  } catch {
    // Its offset is beyond all numbers.
    return undefined
  }
}

/** Why it has no header that can be read. */
function whyNoHeader(whole: Buffer, size: number): string {
  if (size < HEADER_BYTES) return `A batch of ${size} bytes is none.`
  if (whole.length < size) return `It is to have ${size} bytes, and ${whole.length} came.`
  return 'Its offset is too large.'
}

/** Why it is none; `undefined` if it is one. */
function whyNone(
  { magic, crc, firstOffset, lastOffset, bytes }: BatchBytes,
  { least, next, end }: { readonly least: number; readonly next: number; readonly end: number },
): string | undefined {
  if (magic !== MAGIC) return `It is of version ${magic}: Kafka before 0.11 wrote it.`
  if (crc32c(bytes.subarray(CRC_END)) !== crc) return 'Its checksum is wrong.'
  if (firstOffset < least || lastOffset < next || lastOffset >= end)
    return `It has the offsets ${firstOffset} to ${lastOffset}, and ${next} to ${end - 1} may follow.`
  return undefined
}

/** Where to go on behind one that is none: what it says of itself may be wrong too. */
function behind({ magic, firstOffset, lastOffset }: BatchBytes, next: number, end: number): number {
  const last = magic === MAGIC ? lastOffset : firstOffset
  return last >= next && last < end ? last + 1 : next + 1
}
