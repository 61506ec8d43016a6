import { binOf } from '../sketch/bins.js'
import type { Learn } from './adaptation.js'
import { decodeHistory, encodeHistory } from './history-codec.js'
import { usualOf } from './median.js'
import { RingPool } from './ring-pool.js'
import type { Usual } from './robust-threshold.js'
import { Season } from './season.js'

export interface HistoryPoolOptions {
  /** Windows of each key that are kept: a whole number from 2 to 1024. Default 60. */
  readonly windows?: number
  /** Keep past hours by the hour of the week too. */
  readonly seasonal?: boolean
}

/** What is usual at a time, and from how many values that is known. */
export interface UsualAt extends Usual {
  readonly windows: number
  /** Of past hours that were the same of the week; else of the last windows. */
  readonly seasonal: boolean
}

/** Of a value that is held: it may be of a fault. */
const HELD = 0x8000
const LEAST_SEASONAL = 3

/**
 * What was measured in past windows of many keys, side by side: a value takes two bytes, as the bin of its sketch. Values that
 * are held stand behind those that were learnt, in up to half of the room.
 */
export class HistoryPool {
  readonly #windows: number
  readonly #recent: RingPool
  readonly #season: Season | undefined
  readonly #scratch: Uint16Array

  /** @throws {RangeError} if `windows` is out of its bounds */
  constructor({ windows = 60, seasonal = false }: HistoryPoolOptions = {}) {
    if (!Number.isInteger(windows) || windows < 2 || windows > 1024)
      throw new RangeError(`Cannot keep ${windows} windows: give a whole number from 2 to 1024`)
    this.#windows = windows
    this.#recent = new RingPool(windows)
    this.#season = seasonal ? new Season() : undefined
    this.#scratch = new Uint16Array(windows)
  }

  /** Bytes of all that is kept, free blocks too. */
  get bytes(): number {
    return this.#recent.bytes + (this.#season?.bytes ?? 0)
  }

  /** Histories that are in use. */
  get size(): number {
    return this.#recent.size
  }

  /** A new history, empty. */
  create(): number {
    this.#season?.create()
    return this.#recent.create()
  }

  /**
   * Takes what was measured in a window: windows come in the order of their times.
   *
   * @param valueUs microseconds
   * @param learn what becomes of it, as `Adaptation` says. `learn` drops what was held.
   * @throws {RangeError} if there is no such history
   */
  push(handle: number, windowStartUs: number, valueUs: number, learn: Learn = 'learn'): void {
    if (learn === 'learn') this.#learn(handle, windowStartUs, binOf(valueUs))
    else this.#hold(handle, binOf(valueUs))
    if (learn === 'adopt') this.#adopt(handle)
  }

  /**
   * What is usual at a time: of the same hour of past weeks if three values of it are known, else of the last windows.
   *
   * @param minWindows windows that must have been learnt; more than half of those that are kept count as half
   * @returns undefined before
   * @throws {RangeError} if there is no such history
   */
  usual(handle: number, atUs: number, minWindows: number): UsualAt | undefined {
    const learnt = this.#copyLearnt(handle)
    if (learnt.length < Math.max(1, Math.min(minWindows, Math.ceil(this.#windows / 2)))) return undefined
    const sameHour = this.#season?.binsOf(handle, atUs)
    const seasonal = sameHour !== undefined && sameHour.length >= LEAST_SEASONAL
    const bins = seasonal ? sameHour : learnt
    const { medianUs, madUs } = usualOf(bins)
    return { medianUs, madUs, windows: bins.length, seasonal }
  }

  /** Gives a history back: its number is used again. @throws {RangeError} if there is no such history */
  free(handle: number): void {
    this.#recent.free(handle)
    this.#season?.free(handle)
  }

  /** A history as bytes. @throws {RangeError} if there is no such history */
  encode(handle: number): Uint8Array {
    const learnt = this.#copyLearnt(handle).slice()
    const all = this.#scratch.subarray(0, this.#recent.lengthOf(handle))
    const held = all.subarray(learnt.length).map((value) => value & ~HELD)
    return encodeHistory({ learnt, held, season: this.#season?.save(handle) })
  }

  /**
   * A new history with what `encode` wrote, here or in a pool with other options: the newest windows are taken, as many as fit;
   * past hours if they are wanted here.
   *
   * @throws {DetectStateError} if the bytes are no history; nothing is made then
   */
  decode(bytes: Uint8Array): number {
    const { learnt, held, season } = decodeHistory(bytes)
    const handle = this.create()
    const both = [
      ...learnt,
      ...held.subarray(Math.max(0, held.length - this.#mostHeld)).map((bin) => bin | HELD),
    ]
    this.#recent.replace(handle, Uint16Array.from(both))
    if (season !== undefined) this.#season?.take(handle, season)
    return handle
  }

  get #mostHeld(): number {
    return Math.floor(this.#windows / 2)
  }

  #learn(handle: number, windowStartUs: number, bin: number): void {
    if (this.#season !== undefined || this.#hasHeld(handle)) {
      const learnt = this.#copyLearnt(handle)
      if (this.#hasHeld(handle)) this.#recent.replace(handle, learnt)
      this.#season?.learn(handle, windowStartUs, learnt)
    }
    this.#recent.push(handle, bin)
  }

  /** Holds a value. Without room for more such the oldest of them goes: what was learnt is not driven out by a long fault. */
  #hold(handle: number, bin: number): void {
    const learnt = this.#copyLearnt(handle).length
    const length = this.#recent.lengthOf(handle)
    if (length - learnt >= this.#mostHeld) {
      this.#scratch.copyWithin(learnt, learnt + 1, length)
      this.#recent.replace(handle, this.#scratch.subarray(0, length - 1))
    }
    this.#recent.push(handle, bin | HELD)
  }

  /** What is held becomes all that is known. */
  #adopt(handle: number): void {
    const learnt = this.#copyLearnt(handle).length
    const held = this.#scratch.subarray(learnt, this.#recent.lengthOf(handle))
    this.#recent.replace(
      handle,
      held.map((value) => value & ~HELD),
    )
    this.#season?.forget(handle)
  }

  #hasHeld(handle: number): boolean {
    return this.#recent.lengthOf(handle) > 0 && (this.#recent.newest(handle) & HELD) !== 0
  }

  /** Copies all into the scratch, and gives those that were learnt. */
  #copyLearnt(handle: number): Uint16Array {
    let length = this.#recent.copy(handle, this.#scratch)
    while (length > 0 && ((this.#scratch[length - 1] as number) & HELD) !== 0) length--
    return this.#scratch.subarray(0, length)
  }
}
