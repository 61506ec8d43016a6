import { checkUuid } from '../codec/uuid.js'
import type { Loss, LossReason, SpoolBatch, SpoolEnd } from '../spool.js'
import { type LostRange, LostRanges } from './lost-ranges.js'

/** A stretch of the log in which the sequences of an epoch follow on each other. */
export interface Run {
  readonly epoch: string
  /** Place of its first record. */
  readonly place: number
  readonly firstSequence: number
}

/** Runs that are remembered; the oldest are let go beyond it. */
export const MAX_RUNS = 1024

/** What of a tape outlives a process. */
export interface TapeState {
  readonly place: number
  readonly ringPosition: bigint | undefined
  readonly runs: readonly Run[]
  readonly lost: readonly LostRange[]
}

/**
 * The log as a tape of records: each record that was ever accepted or refused has a place, counted from zero, and none is
 * left out. So a loss is a range of places, a reader's position is one number, and the sequences of any range follow from
 * where the epochs began.
 */
export class Tape {
  readonly #lost = new LostRanges()
  #runs: Run[] = []
  #place = 0
  #ringPosition: bigint | undefined

  /** Where the next record goes. */
  get place(): number {
    return this.#place
  }

  get lost(): LostRanges {
    return this.#lost
  }

  get state(): TapeState {
    const { all: lost } = this.#lost
    return { place: this.#place, ringPosition: this.#ringPosition, runs: this.#runs, lost }
  }

  /** Where it ends; `undefined` as long as nothing was ever given to it. */
  get end(): SpoolEnd | undefined {
    const run = this.#runs.at(-1)
    if (run === undefined) return undefined
    const { epoch, place, firstSequence } = run
    const nextSequence = firstSequence + this.#place - place
    return {
      epoch,
      nextSequence,
      ...(this.#ringPosition === undefined ? {} : { position: this.#ringPosition }),
    }
  }

  /**
   * The run that a batch belongs to; a new one begins where its epoch is another than the last.
   *
   * @throws {RangeError} if it does not follow on what came before
   */
  runOf({ epoch, firstSequence, records }: SpoolBatch): { readonly run: Run; readonly isNew: boolean } {
    const last = this.#runs.at(-1)
    if (last?.epoch !== epoch) {
      checkUuid(epoch)
      if (!Number.isSafeInteger(firstSequence + records.length) || firstSequence < 0)
        throw new RangeError(`Cannot spool sequence ${firstSequence}: it is a whole number below 2^53`)
      const run = { epoch, place: this.#place, firstSequence }
      // An epoch of which nothing came has no place here.
      this.#runs = [...this.#runs.filter(({ place }) => place < this.#place), run].slice(-MAX_RUNS)
      return { run, isNew: true }
    }
    const expected = last.firstSequence + this.#place - last.place
    if (firstSequence !== expected)
      throw new RangeError(`Cannot spool sequence ${firstSequence} of epoch ${epoch}: ${expected} comes next`)
    return { run: last, isNew: false }
  }

  /** Records were accepted. */
  advance(count: number, ringPosition: bigint | undefined): void {
    this.#place += count
    this.#ringPosition = ringPosition
  }

  /** Records that come next are lost before they were accepted: their places, and the ring buffer's, are used up. */
  refuse(count: number, ringPosition: bigint | undefined, reason: LossReason): void {
    this.#lost.add(this.#place, this.#place + count, reason)
    this.advance(count, ringPosition)
  }

  /** Takes what an earlier process left, but for runs of which more is known from the log itself. */
  restore({ place, ringPosition, runs, lost }: TapeState): void {
    for (const run of runs) if (!this.#runs.some((known) => known.place === run.place)) this.learn(run)
    for (const { from, to, reason } of lost) this.#lost.add(from, to, reason)
    if (place < this.#place || (place === this.#place && ringPosition === undefined)) return
    this.#place = place
    this.#ringPosition = ringPosition
  }

  /** Takes a run of which records were found in the log. */
  learn(run: Run): void {
    const others = this.#runs.filter(({ place }) => place !== run.place)
    this.#runs = [...others, run].sort((a, b) => a.place - b.place).slice(-MAX_RUNS)
  }

  /** A stretch that cannot be read, as losses: one for each epoch and reason, with the place behind it. */
  losses(from: number, to: number): readonly { readonly loss: Loss; readonly to: number }[] {
    return this.#lost.explain(from, to).flatMap((part) => this.#byRun(part))
  }

  /** Lets go of what only a reader before that place would ask for. */
  forget(before: number): void {
    this.#lost.forget(before)
    while (this.#runs.length > 1 && (this.#runs[1]?.place ?? 0) <= before) this.#runs.shift()
  }

  /** Of places whose epoch nobody knows any more nothing can be said; they are left out. */
  #byRun({ from, to, reason }: LostRange): { loss: Loss; to: number }[] {
    return this.#runs.flatMap(({ epoch, place, firstSequence }, index) => {
      const begin = Math.max(from, place)
      const end = Math.min(to, this.#runs[index + 1]?.place ?? to)
      if (begin >= end) return []
      const first = firstSequence + begin - place
      return [
        { loss: { epoch, reason, firstSequence: first, lastSequence: first + end - begin - 1 }, to: end },
      ]
    })
  }
}
