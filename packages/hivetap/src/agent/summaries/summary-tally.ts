import type { Outcome } from '../../detect/observation.js'
import type { SketchPool } from '../../detect/sketch/sketch-pool.js'
import { encodeCells } from '../../detect/summary/cells-codec.js'
import { timeOfUs } from '../../detect/time/time-text.js'
import type { Cause } from '../../probes/connects/cause.js'
import type { ConnectFacts } from './connect-facts.js'
import type { SummaryKey } from './summary-key.js'

interface Cell {
  readonly outcome: Outcome
  readonly cause: Cause
  /** All of them. */
  events: number
  untimed: number
  /** Of the latencies of the others. */
  readonly sketch: number
}

interface Example {
  readonly timeUs: number
  readonly pid: number
  readonly latencyUs: number
  readonly outcome: Outcome
  readonly cause: Cause
}

/** What is counted of the connects of one key that ended within a window. */
export class SummaryTally {
  /** Absent for those that had no room for a key of their own. */
  readonly key: SummaryKey | undefined
  readonly #sketches: SketchPool
  readonly #cells: Cell[] = []
  /** The slowest, those first. */
  readonly #examples: Example[] = []
  readonly #mostExamples: number
  events = 0
  #retransmitted = 0
  #timed = 0
  #sumUs = 0
  #leastUs = Number.POSITIVE_INFINITY
  #mostUs = 0

  constructor(key: SummaryKey | undefined, sketches: SketchPool, mostExamples: number) {
    this.key = key
    this.#sketches = sketches
    // Whose they were could not be told.
    this.#mostExamples = key === undefined ? 0 : mostExamples
  }

  /** @param timeUs when it ended: microseconds since 1970 */
  take(facts: ConnectFacts, timeUs: number): void {
    const { latencyUs, retransmits } = facts
    const cell = this.#cell(facts)
    this.events++
    cell.events++
    if (retransmits > 0) this.#retransmitted++
    this.#show(facts, timeUs)
    if (latencyUs < 0) {
      cell.untimed++
      return
    }
    this.#sketches.add(cell.sketch, latencyUs, 1)
    this.#timed++
    this.#sumUs += latencyUs
    if (latencyUs < this.#leastUs) this.#leastUs = latencyUs
    if (latencyUs > this.#mostUs) this.#mostUs = latencyUs
  }

  /** What it counted, as fields of its record. */
  fields(): Readonly<Record<string, unknown>> {
    const sketches = this.#sketches
    const cells = this.#cells.map(({ sketch, ...cell }) => ({ ...cell, sketch: sketches.encode(sketch) }))
    return {
      events: this.events,
      outcomes: this.#counts('outcome'),
      causes: this.#counts('cause'),
      retransmitted: this.#retransmitted,
      ...(this.#timed > 0 && {
        latency_sum_us: this.#sumUs,
        latency_min_us: this.#leastUs,
        latency_max_us: this.#mostUs,
      }),
      cells: Buffer.from(encodeCells(cells)).toString('base64'),
      ...(this.#examples.length > 0 && { examples: this.#examples.map(exampleFields) }),
    }
  }

  /** Gives back what it holds. */
  free(): void {
    for (const { sketch } of this.#cells) this.#sketches.free(sketch)
  }

  #cell({ outcome, cause }: ConnectFacts): Cell {
    const known = this.#cells.find((cell) => cell.outcome === outcome && cell.cause === cause)
    if (known !== undefined) return known
    const cell = { outcome, cause, events: 0, untimed: 0, sketch: this.#sketches.create() }
    this.#cells.push(cell)
    return cell
  }

  #show({ latencyUs, pid, outcome, cause }: ConnectFacts, timeUs: number): void {
    const examples = this.#examples
    const last = examples.at(-1)
    if (examples.length >= this.#mostExamples && (last === undefined || last.latencyUs >= latencyUs)) return
    const at = examples.findIndex((one) => one.latencyUs < latencyUs)
    examples.splice(at < 0 ? examples.length : at, 0, { timeUs, pid, latencyUs, outcome, cause })
    if (examples.length > this.#mostExamples) examples.length = this.#mostExamples
  }

  /** Events by outcome, or by cause: those of which none is known are left out of the causes. */
  #counts(by: 'outcome' | 'cause'): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const cell of this.#cells)
      if (by === 'outcome' || cell.cause !== 'unknown')
        counts[cell[by]] = (counts[cell[by]] ?? 0) + cell.events
    return counts
  }
}

function exampleFields({
  timeUs,
  pid,
  latencyUs,
  outcome,
  cause,
}: Example): Readonly<Record<string, unknown>> {
  return {
    time: timeOfUs(timeUs),
    ...(pid > 0 && { pid }),
    ...(latencyUs >= 0 && { latency_us: latencyUs }),
    outcome,
    ...(cause !== 'unknown' && { cause }),
  }
}
