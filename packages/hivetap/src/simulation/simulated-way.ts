import type { EpochTruth, FleetOptions, SimulatedBatch } from './fleet-options.js'
import type { Random } from './random.js'
import type { RunLine, SimulatedRun } from './simulated-run.js'

const REASONS = ['spool_full', 'spool_age', 'too_large'] as const
/** What the last account of a run said. */
export interface ToldLast {
  readonly tools: EpochTruth['tools']
  readonly summaries: EpochTruth['summaries'] | undefined
}

/** Batches that may overtake another. */
const MOST_OVERTAKING = 8

/** The way from a run to the topic, where what goes wrong goes wrong; it keeps the truth of it. */
export class SimulatedWay {
  readonly #run: SimulatedRun
  readonly #options: FleetOptions
  readonly #random: Random
  /** Batches that were held up, with how many may still overtake them. */
  readonly #held: { batch: SimulatedBatch; left: number }[] = []
  readonly #lost: Record<string, number> = {}
  #received = 0
  #events = 0
  #receivedInSummaries = 0
  #duplicates = 0
  #missing = 0

  constructor(run: SimulatedRun, options: FleetOptions, random: Random) {
    this.#run = run
    this.#options = options
    this.#random = random
  }

  /** Sends a batch. @returns what arrives now */
  send(lines: readonly RunLine[]): readonly SimulatedBatch[] {
    const { holes, declaredLosses, duplicates, reorder } = this.#options
    let sent = lines
    const told: string[] = []
    if (this.#random.happens(holes)) {
      const { rest, gone } = this.#tear(sent)
      sent = rest
      this.#missing += gone.length
    }
    if (this.#random.happens(declaredLosses)) {
      const { rest, gone } = this.#tear(sent)
      sent = rest
      told.push(...this.#declare(gone))
    }
    this.#received += sent.length
    this.#events += sent.filter(({ kind }) => kind === 'event').length
    for (const { kind, events } of sent) if (kind === 'summary') this.#receivedInSummaries += events
    const batch = this.#batch([...sent.map(({ line }) => line), ...told])
    const batches = [batch]
    if (this.#random.happens(duplicates)) {
      this.#duplicates += sent.length
      batches.push(this.#batch(sent.map(({ line }) => line)))
    }
    const overtaken = this.#overtaken()
    if (!this.#random.happens(reorder)) return [...batches, ...overtaken]
    for (const held of batches)
      this.#held.push({ batch: held, left: this.#random.between(1, MOST_OVERTAKING) })
    return overtaken
  }

  /** All that was held up arrives. */
  end(): readonly SimulatedBatch[] {
    return this.#held.splice(0).map(({ batch }) => batch)
  }

  truth(state: EpochTruth['state'], { tools, summaries }: ToldLast): EpochTruth {
    const { node, epoch, sequences, made } = this.#run
    return {
      node,
      epoch,
      state,
      produced: sequences,
      received: this.#received,
      events: this.#events,
      made,
      ...(summaries !== undefined && { summaries }),
      duplicates: this.#duplicates,
      lost: { ...this.#lost },
      missing: this.#missing,
      tools,
    }
  }

  /** What the run has told when it gives an account, for the truth of it. */
  get toldNow(): ToldLast {
    const { accounts: tools, told } = this.#run
    return { tools, summaries: told && { ...told, received: this.#receivedInSummaries } }
  }

  /** Takes some events out of the middle; accounts arrive, so that the truth is simple to tell. */
  #tear(lines: readonly RunLine[]): { readonly rest: readonly RunLine[]; readonly gone: readonly RunLine[] } {
    const from = this.#random.between(0, Math.max(0, lines.length - 1))
    const to = this.#random.between(from, lines.length)
    const isGone = ({ kind }: RunLine, index: number) => kind !== 'account' && index >= from && index < to
    return { rest: lines.filter((line, at) => !isGone(line, at)), gone: lines.filter(isGone) }
  }

  /** Records of losses, one for each piece that hangs together; now and then told twice. */
  #declare(gone: readonly RunLine[]): readonly string[] {
    const reason = this.#random.pick(REASONS)
    if (gone.length > 0) this.#lost[reason] = (this.#lost[reason] ?? 0) + gone.length
    const told: string[] = []
    let first = 0
    for (const [index, { sequence }] of gone.entries()) {
      if (gone[index + 1]?.sequence === sequence + 1) continue
      const line = this.#run.loss(this.#options.sink, reason, gone[first]?.sequence ?? sequence, sequence)
      told.push(...(this.#random.happens(0.2) ? [line, line] : [line]))
      first = index + 1
    }
    return told
  }

  #overtaken(): readonly SimulatedBatch[] {
    for (const held of this.#held) held.left--
    const ready = this.#held.filter(({ left }) => left <= 0)
    for (const one of ready) this.#held.splice(this.#held.indexOf(one), 1)
    return ready.map(({ batch }) => batch)
  }

  #batch(lines: readonly string[]): SimulatedBatch {
    return { node: this.#run.node, timeMs: this.#run.nowMs, lines }
  }
}
