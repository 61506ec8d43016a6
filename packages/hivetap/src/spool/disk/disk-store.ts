import { rmSync } from 'node:fs'
import { encodeFrame, type FramePlan } from '../codec/frame.js'
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../codec/segment-header.js'
import type { OldestPart, Store, StoreCursor } from '../log/store.js'
import type { Run } from '../log/tape.js'
import type { SpoolBatch } from '../spool.js'
import { DiskCursor } from './disk-cursor.js'
import type { DiskFaults } from './disk-faults.js'
import { type Segment, segmentPath } from './segment.js'
import type { Syncing } from './syncing.js'
import { WriteFile } from './write-file.js'

/** How a store of files is laid out. */
export interface DiskStoreOptions {
  readonly dir: string
  readonly maxBytes: number
  readonly segmentBytes: number
  /** A segment takes no more batches when its first is older: so that what is too old is given up in small parts. */
  readonly segmentAgeMs: number
  readonly syncing: Syncing
  /** Is told when the disk does not do what it is to. */
  readonly faults: DiskFaults
}

/** Memory that is kept for the next frame. */
const MOST_KEPT_BYTES = 1 << 20

/** Batches in segments: files that are only ever appended to, and removed as a whole. */
export class DiskStore implements Store {
  readonly #options: DiskStoreOptions
  readonly #segments: Segment[]
  /** The file of the last segment, while it takes more. */
  #file: WriteFile | undefined
  #frame: Buffer = Buffer.alloc(0)
  #bytes: number
  #endByte: number
  #end: number
  #ringPosition: bigint | undefined
  /** A file without records that could not be removed: its name may be needed. */
  #left: string | undefined

  /**
   * @param segments what an earlier process left, in order
   * @param end place behind them, and the ring buffer's there
   * @param appendable whether the last of them takes more
   */
  constructor(
    options: DiskStoreOptions,
    segments: readonly Segment[],
    end: { readonly place: number; readonly ringPosition: bigint | undefined },
    appendable: boolean,
  ) {
    this.#options = options
    this.#segments = [...segments]
    this.#bytes = segments.reduce((sum, { size }) => sum + size, 0)
    this.#endByte = this.#bytes
    this.#end = end.place
    this.#ringPosition = end.ringPosition
    const last = segments.at(-1)
    if (appendable && last !== undefined) this.#file = new WriteFile(last.path, 'r+')
  }

  get start(): number {
    return this.#segments[0]?.place ?? this.#end
  }

  get startByte(): number {
    return this.#segments[0]?.base ?? this.#endByte
  }

  get endByte(): number {
    return this.#endByte
  }

  get bytes(): number {
    return this.#bytes
  }

  get oldest(): OldestPart | undefined {
    return this.#segments[0]
  }

  get segmentCount(): number {
    return this.#segments.length
  }

  room(bytes: number): 'yes' | 'no' | 'never' {
    const { maxBytes } = this.#options
    if (bytes + SEGMENT_HEADER_BYTES > maxBytes) return 'never'
    return this.#bytes + bytes + SEGMENT_HEADER_BYTES <= maxBytes ? 'yes' : 'no'
  }

  put(batch: SpoolBatch, plan: FramePlan, run: Run, place: number, nowMs: number): void {
    const frame = encodeFrame(batch, plan, place, run.place, this.#room(plan.length))
    const segment = this.#write(frame, run, place, nowMs)
    segment.size += plan.length
    segment.to = place + batch.records.length
    segment.lastMs = nowMs
    this.#ringPosition = batch.position
    this.#end = segment.to
    this.#grow(plan.length)
  }

  /** Where a frame stands until it is written: mostly where the last one stood. */
  #room(bytes: number): Buffer {
    if (bytes > this.#frame.length) {
      const fresh = Buffer.allocUnsafeSlow(bytes)
      if (bytes > MOST_KEPT_BYTES) return fresh
      this.#frame = fresh
    }
    return this.#frame
  }

  #write(frame: Uint8Array, run: Run, place: number, nowMs: number): Segment {
    const { dir, faults } = this.#options
    let path = dir
    try {
      const full = this.#current()
      if (full !== undefined && this.#isFull(full, frame.length, nowMs)) this.#seal()
      path = this.#current()?.path ?? segmentPath(dir, place)
      const segment = this.#current() ?? this.#begin(run, place, nowMs)
      try {
        this.#file?.write(frame, segment.size)
        faults.worked('write')
        return segment
      } catch (error) {
        this.#undo(segment)
        throw error
      }
    } catch (error) {
      faults.failed('write', path, error)
      throw error
    }
  }

  removeOldest(): boolean {
    const [segment] = this.#segments
    if (segment === undefined || !this.#remove(segment.path)) return false
    this.#segments.shift()
    if (this.#segments.length === 0) this.#seal()
    this.#bytes -= segment.size
    return true
  }

  canRelease(before: number): boolean {
    const [oldest] = this.#segments
    return this.#segments.length > 1 && oldest !== undefined && oldest.to <= before
  }

  release(before: number): boolean {
    while (this.canRelease(before)) if (!this.removeOldest()) return false
    return true
  }

  cursor(): StoreCursor {
    return new DiskCursor((byte) => this.#segmentAt(byte), this.#options.faults)
  }

  flush(): Promise<void> | undefined {
    return this.#options.syncing.afterWrite(this.#file)
  }

  async close(): Promise<void> {
    this.#seal()
    await this.#options.syncing.close()
  }

  /** The segment in which to read on from a byte: of one that ends there, the next. */
  #segmentAt(byte: number): Segment | undefined {
    let [low, high] = [0, this.#segments.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const { base = 0, size = 0 } = this.#segments[middle] ?? {}
      if (base + size <= byte) low = middle + 1
      else high = middle
    }
    return this.#segments[low]
  }

  /** The segment that takes more. */
  #current(): Segment | undefined {
    return this.#file === undefined ? undefined : this.#segments.at(-1)
  }

  #isFull({ size, firstMs }: Segment, more: number, nowMs: number): boolean {
    const { segmentBytes, segmentAgeMs } = this.#options
    return size > SEGMENT_HEADER_BYTES && (size + more > segmentBytes || nowMs - firstMs > segmentAgeMs)
  }

  #begin(run: Run, place: number, nowMs: number): Segment {
    const { dir, syncing } = this.#options
    const path = segmentPath(dir, place)
    if (this.#left === path) rmSync(path, { force: true })
    const file = new WriteFile(path, 'wx')
    try {
      file.write(encodeSegmentHeader({ place, run, ringPosition: this.#ringPosition }), 0)
    } catch (error) {
      syncing.sealed(file)
      this.#discard(path)
      throw error
    }
    const size = SEGMENT_HEADER_BYTES
    const segment = { path, place, base: this.#endByte, size, to: place, firstMs: nowMs, lastMs: nowMs }
    this.#segments.push(segment)
    this.#file = file
    this.#grow(size)
    syncing.created()
    return segment
  }

  /** Cuts back what was half written; where that cannot be done, the segment takes no more, and its end is known. */
  #undo(segment: Segment): void {
    if (segment.size === SEGMENT_HEADER_BYTES) {
      this.#segments.pop()
      this.#seal()
      this.#grow(-segment.size)
      this.#discard(segment.path)
      return
    }
    try {
      this.#file?.truncate(segment.size)
    } catch {
      this.#seal()
    }
  }

  /** Removes a file that holds no records. */
  #discard(path: string): void {
    this.#left = this.#remove(path) ? undefined : path
  }

  #remove(path: string): boolean {
    const { faults } = this.#options
    try {
      rmSync(path, { force: true })
      faults.worked('remove')
      return true
    } catch (error) {
      faults.failed('remove', path, error)
      return false
    }
  }

  #seal(): void {
    if (this.#file !== undefined) this.#options.syncing.sealed(this.#file)
    this.#file = undefined
  }

  #grow(bytes: number): void {
    this.#bytes += bytes
    this.#endByte += bytes
  }
}
