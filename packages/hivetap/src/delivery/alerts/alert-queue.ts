import type { Alert } from '../../detect/alert.js'

/**
 * Why an alert was not told.
 *
 * - `update_dropped`: an update, given up for room
 * - `pair_collapsed`: opened and resolved before either could be told
 * - `dropped`: the oldest, with no update and no pair to give up
 * - `refused`: the far end will never take it
 * - `ended`: the process ended before
 */
export type AlertLoss = 'update_dropped' | 'pair_collapsed' | 'dropped' | 'refused' | 'ended'

/** An alert that waits to be told. */
export interface WaitingAlert {
  readonly alert: Alert
  /** Called once: it is told, or given up. */
  settle(): void
}

/**
 * Alerts that wait for a sink, in order, so many at most. Where there is no room the oldest updates go first: the next one, or
 * the end, says more. Then what has opened and is over: nobody can act on it. Only then the oldest alert.
 */
export class AlertQueue {
  readonly #most: number
  readonly #lost: (reason: AlertLoss) => void
  /** By number, oldest first. */
  readonly #waiting = new Map<number, WaitingAlert>()
  /** Numbers of those that are being told. */
  #underWay: readonly number[] = []
  /** Of the others: numbers of updates, of openings by id, and of both ends by id. Oldest first. */
  readonly #updates = new Set<number>()
  readonly #opens = new Map<string, number>()
  readonly #pairs = new Map<string, readonly [number, number]>()
  #next = 0

  /** @param lost told of each alert that is given up for room */
  constructor(most: number, lost: (reason: AlertLoss) => void) {
    this.#most = most
    this.#lost = lost
  }

  get size(): number {
    return this.#waiting.size
  }

  push(waiting: WaitingAlert): void {
    const number = this.#next++
    this.#waiting.set(number, waiting)
    this.#index(number, waiting.alert)
    while (this.#waiting.size > this.#most) this.#makeRoom()
  }

  /** The oldest, at most so many, to be told now: until `done` or `giveBack` they are not given up. */
  take(most: number): readonly Alert[] {
    const taken = [...this.#waiting].slice(0, most)
    this.#underWay = taken.map(([number]) => number)
    this.#reindex()
    return taken.map(([, { alert }]) => alert)
  }

  /** What was taken is told. */
  done(): void {
    for (const number of this.#underWay) this.#remove(number)
    this.#underWay = []
  }

  /** What was taken waits again, where it was. */
  giveBack(): void {
    this.#underWay = []
    this.#reindex()
  }

  /** What waits is forgotten, untold and unsettled. @returns how many there were */
  forget(): number {
    const count = this.#waiting.size
    this.#waiting.clear()
    this.giveBack()
    return count
  }

  #makeRoom(): void {
    const [update] = this.#updates
    if (update !== undefined) {
      this.#giveUp(update, 'update_dropped')
      return
    }
    const [pair] = this.#pairs
    if (pair !== undefined) {
      for (const number of pair[1]) this.#giveUp(number, 'pair_collapsed')
      return
    }
    // Those under way stand first.
    for (const number of this.#waiting.keys()) {
      if (this.#underWay.includes(number)) continue
      this.#giveUp(number, 'dropped')
      return
    }
    throw new Error('All alerts are under way, and there is room for fewer')
  }

  #giveUp(number: number, reason: AlertLoss): void {
    this.#lost(reason)
    this.#remove(number)
  }

  #remove(number: number): void {
    const waiting = this.#waiting.get(number)
    if (waiting === undefined) return
    this.#waiting.delete(number)
    this.#updates.delete(number)
    const { alert_id } = waiting.alert
    if (this.#opens.get(alert_id) === number) this.#opens.delete(alert_id)
    if (this.#pairs.get(alert_id)?.includes(number) === true) this.#pairs.delete(alert_id)
    waiting.settle()
  }

  #index(number: number, { state, alert_id }: Alert): void {
    if (state === 'update') this.#updates.add(number)
    else if (state === 'open') this.#opens.set(alert_id, number)
    else {
      const open = this.#opens.get(alert_id)
      if (open !== undefined) this.#pairs.set(alert_id, [open, number])
    }
  }

  #reindex(): void {
    const underWay = new Set(this.#underWay)
    for (const index of [this.#updates, this.#opens, this.#pairs]) index.clear()
    for (const [number, { alert }] of this.#waiting) if (!underWay.has(number)) this.#index(number, alert)
  }
}
