import { closeSync, openSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { errorCode } from '../../io/error-code.js'
import { decodeFrame } from '../codec/frame.js'
import { SEGMENT_HEADER_BYTES } from '../codec/segment-header.js'
import { step } from '../codec/segment-walk.js'
import type { Found, StoreCursor } from '../log/store.js'
import { BadBlocks } from './bad-blocks.js'
import type { DiskFaults } from './disk-faults.js'
import { FileCutError } from './fault-text.js'
import type { Segment } from './segment.js'

const readSome = promisify(read)

/** What is read of a segment at once: bytes. */
const PIECE_BYTES = 1 << 20
const NOTHING = Buffer.alloc(0)
/** How long what may be mended is tried again: milliseconds. */
const PATIENCE_MS = 5000
/** Errors after which trying again says the same. */
const FINAL = ['EIO', 'ENOENT', 'SHORT_READ']
/** Errors that say nothing of the file: what they are about comes to an end. */
const OF_HOST = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR']

/** Reads batches back from segments, in large pieces. */
export class DiskCursor implements StoreCursor {
  readonly #segmentAt: (byte: number) => Segment | undefined
  readonly #faults: DiskFaults
  #segment: Segment | undefined
  #fd: number | undefined
  /** What was read of the segment, and from where: offsets are those of its file. */
  #piece = NOTHING
  #from = 0

  /** Where a segment could not be read, and since when, by a clock that is never set. */
  readonly #troubles = new WeakMap<Segment, { readonly offset: number; readonly since: number }>()

  /** @param faults is told when the disk does not give what is to be read */
  constructor(segmentAt: (byte: number) => Segment | undefined, faults: DiskFaults) {
    this.#segmentAt = segmentAt
    this.#faults = faults
  }

  async read(byte: number): Promise<Found | 'again' | undefined> {
    let at = byte
    for (let segment = this.#segmentAt(at); segment !== undefined; segment = this.#segmentAt(at)) {
      const found = await this.#readIn(segment, Math.max(at - segment.base, SEGMENT_HEADER_BYTES))
      if (found !== undefined) return found
      at = segment.base + segment.size
    }
    return undefined
  }

  close(): void {
    if (this.#fd !== undefined) closeQuietly(this.#fd)
    this.#fd = undefined
    this.#segment = undefined
    this.#piece = NOTHING
  }

  /** The next batch of a segment, from an offset on: past what is damaged. */
  async #readIn(segment: Segment, offset: number): Promise<Found | 'again' | undefined> {
    const opened = this.#select(segment, offset)
    if (opened !== 'yes') return opened === 'again' ? opened : undefined
    let at = offset
    for (;;) {
      // The last segment grows meanwhile.
      const end = segment.size
      if (at < this.#from || at > this.#from + this.#piece.length) this.#drop(at)
      const base = this.#from
      const found = step(this.#piece.subarray(0, end - base), at - base, end - at)
      if (found.kind === 'end') return undefined
      if (found.kind === 'more') {
        const bytes = Math.max(found.bytes, Math.min(PIECE_BYTES, end - at))
        const error = await this.#load(segment, at, bytes)
        if (error !== undefined && this.#judge(segment, offset, error) === 'again') return 'again'
        continue
      }
      const next = base + found.next
      if (found.kind === 'frame') {
        const { header } = found
        const batch = this.#belongs(segment, header.place, header.count)
          ? decodeFrame(this.#piece, at - base, header)
          : undefined
        if (batch !== undefined) return { place: header.place, batch, nextByte: segment.base + next }
      }
      at = next
    }
  }

  /** A frame from elsewhere, whole as it may be, is none of this segment. */
  #belongs(segment: Segment, place: number, count: number): boolean {
    return place >= segment.place && place + count <= segment.to
  }

  #select(segment: Segment, offset: number): 'yes' | 'again' | 'never' {
    if (this.#segment === segment) return 'yes'
    this.close()
    try {
      this.#fd = openSync(segment.path, 'r')
    } catch (error) {
      return this.#judge(segment, offset, error)
    }
    this.#segment = segment
    this.#drop(0)
    return 'yes'
  }

  /**
   * Whether trying again may help: as long as it takes where it is the host, for a while where somebody may mend it. A
   * reader that has come further since has all its patience again.
   *
   * @param offset where in the segment the reader is
   */
  #judge(segment: Segment, offset: number, error: unknown): 'again' | 'never' {
    this.#faults.failed('read', segment.path, error)
    const code = errorCode(error) ?? ''
    if (FINAL.includes(code)) return 'never'
    const before = this.#troubles.get(segment)
    const now = performance.now()
    const trouble = before?.offset === offset ? before : { offset, since: now }
    this.#troubles.set(segment, trouble)
    if (!OF_HOST.includes(code) && now - trouble.since > PATIENCE_MS) return 'never'
    // A descriptor of before may be what does not work.
    this.close()
    return 'again'
  }

  #drop(from: number): void {
    this.#piece = NOTHING
    this.#from = from
  }

  /**
   * Reads a piece. A new one each time: batches are views of it. What cannot be read of it counts as zeros.
   *
   * @returns why it is not whole
   */
  async #load({ path }: Segment, from: number, bytes: number): Promise<unknown> {
    const fd = this.#fd
    if (fd === undefined) throw new Error(`Cannot read ${path}: it is closed`)
    const piece = Buffer.allocUnsafeSlow(bytes)
    const error = await readWhole(fd, piece, from)
    if (error === undefined) this.#faults.worked('read')
    this.#piece = piece
    this.#from = from
    return error
  }
}

/**
 * Fills a piece. What cannot be read of it is zeros: without all that was asked for, asking again would not end.
 *
 * @returns why it is not whole, if it is not
 */
async function readWhole(fd: number, into: Buffer, from: number): Promise<unknown> {
  const bad = new BadBlocks()
  let first: unknown
  for (let done = 0; done < into.length; ) {
    try {
      const { bytesRead } = await readSome(fd, into, done, into.length - done, from + done)
      if (bytesRead === 0) throw new FileCutError(from + into.length, from + done)
      done += bytesRead
    } catch (error) {
      first ??= error
      const behind = (bad.behind(from + done, error) ?? Infinity) - from
      into.fill(0, done, Math.min(behind, into.length))
      done = behind
    }
  }
  return first
}

/** What was only read is whole, whatever is said as it is closed. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd)
  } catch {
    // The descriptor is gone all the same: close(2).
  }
}
