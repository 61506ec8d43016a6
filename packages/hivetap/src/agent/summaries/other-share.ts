/** How many of the events in summaries stand under `other`: those for whose key there was no room. */
export interface OtherCounts {
  /** Events that were summed up, in this epoch. */
  readonly events: number
  /** Of these, those without a key of their own. */
  readonly other: number
  /** Their share in the latest windows, from 0 to 1: each window counts half as much as the next. */
  readonly recentShare: number
}

/** Counts what stands under `other`: of all, and of late, since what was days ago hides what is, and the other way round. */
export class OtherShare {
  #events = 0
  #other = 0
  #recentEvents = 0
  #recentOther = 0
  #newestUs = Number.NEGATIVE_INFINITY

  /** A window is opened. @param startUs microseconds since 1970; several tools may have one of the same time */
  open(startUs: number): void {
    if (startUs <= this.#newestUs) return
    this.#newestUs = startUs
    this.#recentEvents /= 2
    this.#recentOther /= 2
  }

  count(isOther: boolean): void {
    this.#events++
    this.#recentEvents++
    if (!isOther) return
    this.#other++
    this.#recentOther++
  }

  get counts(): OtherCounts {
    return {
      events: this.#events,
      other: this.#other,
      recentShare: this.#recentEvents === 0 ? 0 : this.#recentOther / this.#recentEvents,
    }
  }
}
