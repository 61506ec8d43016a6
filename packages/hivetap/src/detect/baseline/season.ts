import { grown } from '../blocks/grown.js'
import { LAST_BIN } from '../sketch/bins.js'
import { RingPool } from './ring-pool.js'

const HOUR_US = 3_600_000_000
export const HOURS_OF_WEEK = 168
/** Weeks that are kept, if a key has windows in each hour. */
const WEEKS = 4
/** Numbers of a record: the hour of the week, then what was usual in it. */
export const FIELDS = 4
const MOST_NUMBERS = HOURS_OF_WEEK * WEEKS * FIELDS
/** Stands for a value that is not there. */
export const NO_BIN = LAST_BIN + 1
export const MOST_RECORDS = MOST_NUMBERS / FIELDS

/** Past hours of a key, laid out to be saved. */
export interface SavedSeason {
  readonly hour: number
  readonly inHour: number
  /** Four numbers of each hour, the oldest first. */
  readonly records: Uint16Array
}

/**
 * What was usual in past hours, by the hour of the week. Of an hour that is over the quartiles of its windows are kept: three
 * values, so that they tell of the spread within it too; of an hour with up to three windows, these. 672 hours are kept of a
 * key: 5.4 KB where there are as many.
 */
export class Season {
  readonly #records = new RingPool(MOST_NUMBERS)
  readonly #numbers = new Uint16Array(MOST_NUMBERS)
  readonly #found = new Uint16Array(MOST_NUMBERS)
  /** The hour that goes on, in hours since 1970, and its windows so far. */
  #hours = new Uint32Array(0)
  #inHour = new Uint16Array(0)

  get bytes(): number {
    return this.#records.bytes + this.#hours.byteLength + this.#inHour.byteLength
  }

  create(): number {
    const handle = this.#records.create()
    if (handle === this.#hours.length) {
      this.#hours = grown(this.#hours, Uint32Array, 16)
      this.#inHour = grown(this.#inHour, Uint16Array, 16)
    }
    this.#hours[handle] = 0
    this.#inHour[handle] = 0
    return handle
  }

  free(handle: number): void {
    this.#records.free(handle)
  }

  /**
   * A window is about to be learnt.
   *
   * @param recent bins of the windows learnt before it, the oldest first: those of the last hour at least, as far as they are kept
   */
  learn(handle: number, windowStartUs: number, recent: Uint16Array): void {
    const hour = hourOf(windowStartUs)
    if (hour !== this.#hours[handle]) {
      const windows = Math.min(this.#inHour[handle] as number, recent.length)
      if (windows > 0) this.#keep(handle, recent.slice(recent.length - windows).sort())
      this.#hours[handle] = hour
      this.#inHour[handle] = 0
    }
    this.#inHour[handle] = Math.min((this.#inHour[handle] as number) + 1, 0xffff)
  }

  /** What was usual is so no longer. */
  forget(handle: number): void {
    this.#records.replace(handle, new Uint16Array(0))
    this.#inHour[handle] = 0
  }

  /** Bins of past hours that were the same of the week: to be used at once, the next call overwrites them. */
  binsOf(handle: number, atUs: number): Uint16Array {
    const wanted = hourOf(atUs) % HOURS_OF_WEEK
    const length = this.#records.copy(handle, this.#numbers)
    let found = 0
    for (let at = 0; at < length; at += FIELDS) {
      if (this.#numbers[at] !== wanted) continue
      for (let field = at + 1; field < at + FIELDS; field++) {
        const bin = this.#numbers[field] as number
        if (bin !== NO_BIN) this.#found[found++] = bin
      }
    }
    return this.#found.subarray(0, found)
  }

  /** All of a key. */
  save(handle: number): SavedSeason {
    const length = this.#records.copy(handle, this.#numbers)
    const records = this.#numbers.slice(0, length)
    return { hour: this.#hours[handle] as number, inHour: this.#inHour[handle] as number, records }
  }

  /** Takes up what `save` gave. */
  take(handle: number, saved: SavedSeason): void {
    this.#hours[handle] = saved.hour
    this.#inHour[handle] = saved.inHour
    this.#records.replace(handle, saved.records)
  }

  #keep(handle: number, sorted: Uint16Array): void {
    this.#records.push(handle, (this.#hours[handle] as number) % HOURS_OF_WEEK)
    const last = sorted.length - 1
    for (const place of last < 3 ? [0, 1, 2] : [last / 4, last / 2, (3 * last) / 4])
      this.#records.push(handle, sorted[Math.round(place)] ?? NO_BIN)
  }
}

function hourOf(timeUs: number): number {
  return Math.max(0, Math.floor(timeUs / HOUR_US)) >>> 0
}
