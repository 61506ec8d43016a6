import { closeSync, openSync, read } from 'node:fs'
import { decodeFrame } from '../codec/frame.js'
import { SEGMENT_HEADER_BYTES } from '../codec/segment-header.js'
import { step } from '../codec/segment-walk.js'
import type { Found, StoreCursor } from '../log/store.js'
import type { Segment } from './segment.js'

/** What is read of a segment at once: bytes. */
const PIECE_BYTES = 1 << 20
const NOTHING = Buffer.alloc(0)

/** Reads batches back from segments, in large pieces. */
export class DiskCursor implements StoreCursor {
  readonly #segmentAt: (byte: number) => Segment | undefined
  readonly #refused: (error: unknown) => void
  #segment: Segment | undefined
  #fd: number | undefined
  /** What was read of the segment, and from where: offsets are those of its file. */
  #piece = NOTHING
  #from = 0

  /** @param refused is told when the medium does not give what is to be read */
  constructor(segmentAt: (byte: number) => Segment | undefined, refused: (error: unknown) => void) {
    this.#segmentAt = segmentAt
    this.#refused = refused
  }

  async read(byte: number): Promise<Found | undefined> {
    let at = byte
    for (let segment = this.#segmentAt(at); segment !== undefined; segment = this.#segmentAt(at)) {
      const found = await this.#readIn(segment, Math.max(at - segment.base, SEGMENT_HEADER_BYTES))
      if (found !== undefined) return found
      at = segment.base + segment.size
    }
    return undefined
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#segment = undefined
    this.#piece = NOTHING
  }

  /** The next batch of a segment, from an offset on: past what is damaged. */
  async #readIn(segment: Segment, offset: number): Promise<Found | undefined> {
    if (!this.#select(segment)) return undefined
    let at = offset
    for (;;) {
      // The last segment grows meanwhile.
      const end = segment.size
      if (at < this.#from || at > this.#from + this.#piece.length) this.#drop(at)
      const base = this.#from
      const found = step(this.#piece.subarray(0, end - base), at - base, end - at)
      if (found.kind === 'end') return undefined
      if (found.kind === 'more') {
        if (!(await this.#load(at, Math.max(found.bytes, Math.min(PIECE_BYTES, end - at))))) return undefined
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

  /** @returns whether it can be read: not if somebody removed it */
  #select(segment: Segment): boolean {
    if (this.#segment === segment) return true
    this.close()
    try {
      this.#fd = openSync(segment.path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
    this.#segment = segment
    this.#drop(0)
    return true
  }

  #drop(from: number): void {
    this.#piece = NOTHING
    this.#from = from
  }

  /** Reads a piece. A new one each time: batches are views of it. */
  async #load(from: number, bytes: number): Promise<boolean> {
    const fd = this.#fd
    if (fd === undefined) return false
    const piece = Buffer.allocUnsafeSlow(bytes)
    let done = 0
    while (done < bytes) {
      const count = await this.#readAt(fd, piece, done, from + done)
      // Shorter than it was, or not readable there: the rest is lost.
      if (count === 0) break
      done += count
    }
    // Without all that was asked for, asking again would not end.
    if (done < bytes) piece.fill(0, done)
    this.#piece = piece
    this.#from = from
    return true
  }

  /** Bytes that were read; none where the medium does not give them. */
  #readAt(fd: number, into: Buffer, offset: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(fd, into, offset, into.length - offset, position, (error, count) => {
        if (error === null) resolve(count)
        else if (error.code === 'EIO') {
          this.#refused(error)
          resolve(0)
        } else reject(error)
      })
    })
  }
}
