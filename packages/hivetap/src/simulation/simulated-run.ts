import type { SummariesTold } from '../agent/summaries/summary-records.js'
import type { AnyTool } from '../probes/tool.js'
import { EventIds, JsonLines } from '../sinks/json-lines.js'
import { WallClock } from '../sinks/wall-clock.js'
import { ownRecord, timeOfMs } from '../stream/own-record.js'
import type { FleetOptions } from './fleet-options.js'
import type { Random } from './random.js'
import { SimulatedKernel } from './simulated-kernel.js'
import { SimulatedSummaries } from './simulated-summaries.js'
import { type SimulatedEvent, type SimulatedTool, simulatedEvent, simulatedTool } from './simulated-tool.js'

interface Traced {
  readonly tool: SimulatedTool
  readonly lines: JsonLines<SimulatedEvent>
  readonly kernel: SimulatedKernel
}

/** A line, and what it is. */
export interface RunLine {
  readonly sequence: number
  readonly kind: 'event' | 'summary' | 'account'
  /** Events that it stands for. */
  readonly events: number
  readonly line: string
}

/** A run of an agent that is made up: it tells what a real one would, in the real one's words. */
export class SimulatedRun {
  readonly node: string
  readonly #ids: EventIds
  readonly #random: Random
  readonly #tools: readonly [Traced, ...Traced[]]
  readonly #destinations: number
  readonly #summaries: SimulatedSummaries | undefined
  readonly #startMs: number
  #nowMs: number
  #events = 0
  #made = 0

  constructor(
    node: string,
    startMs: number,
    tools: readonly AnyTool[],
    random: Random,
    { destinations, summaries }: Pick<FleetOptions, 'destinations' | 'summaries'>,
  ) {
    this.node = node
    this.#random = random
    this.#ids = new EventIds(random.uuid())
    this.#startMs = startMs
    this.#nowMs = startMs
    const clock = new WallClock({
      monotonicNs: () => BigInt(this.#nowMs - startMs) * 1_000_000n,
      realtimeNs: () => BigInt(this.#nowMs) * 1_000_000n,
    })
    const [first, ...others] = tools.map((tool) => {
      const made = simulatedTool(tool)
      const lines = new JsonLines(made, { missing: new Map(), clock, ids: this.#ids, host: node })
      return { tool: made, lines, kernel: new SimulatedKernel() }
    })
    if (first === undefined) throw new Error('A run has a tool at least')
    this.#tools = [first, ...others]
    this.#destinations = destinations
    const output = { ids: this.#ids, host: node }
    if (summaries !== undefined) this.#summaries = new SimulatedSummaries(summaries, output)
  }

  get epoch(): string {
    return this.#ids.epoch
  }

  get sequences(): number {
    return this.#ids.sequences
  }

  /** Events that were told by themselves. */
  get events(): number {
    return this.#events
  }

  /** Events that happened. */
  get made(): number {
    return this.#made
  }

  /** What was told in summaries; `undefined` where each event is told by itself. */
  get told(): SummariesTold | undefined {
    return this.#summaries?.told
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** The last account of each tool: what it had produced, and told. */
  get accounts(): Readonly<Record<string, { readonly produced: number; readonly delivered: number }>> {
    return Object.fromEntries(
      this.#tools.map(({ tool, kernel }) => {
        const held = this.#summaries?.heldOf(tool.name) ?? 0
        const { produced, delivered } = kernel.balance(0, held)
        return [tool.name, { produced: produced - held, delivered }]
      }),
    )
  }

  /** Time goes on. */
  passUntil(timeMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, timeMs)
  }

  /** An event happens. @returns its line; `undefined` if it is counted in a summary that is to come */
  event(): RunLine | undefined {
    const { tool, lines, kernel } = this.#random.pick(this.#tools)
    const timeNs = (this.#nowMs - this.#startMs) * 1_000_000
    kernel.deliver(this.#random)
    this.#made++
    const event = simulatedEvent(tool, timeNs, this.#random, this.#destinations)
    if (this.#summaries?.take(tool, event, this.#nowMs) === true) return undefined
    const sequence = this.#ids.sequences
    this.#events++
    return { sequence, kind: 'event', events: 1, line: lines.line(event) }
  }

  /** Summaries of windows that are over; of all, where nothing more comes. */
  summaries(which: 'due' | 'rest'): readonly RunLine[] {
    return [...(this.#summaries?.lines(which, this.#nowMs) ?? [])]
  }

  /** The account: of each tool, then of the epoch. */
  account(state: 'started' | 'running' | 'ended'): readonly RunLine[] {
    const isOver = state === 'ended'
    const ledgers = this.#tools.map(({ tool, lines, kernel }) => {
      const inFlight = isOver ? 0 : this.#random.between(0, 3)
      const held = this.#summaries?.heldOf(tool.name)
      const balance = kernel.balance(inFlight, held, this.#summaries?.toldOf(tool.name))
      return this.#own(() => lines.account({ tool: tool.name, balance, ended: isOver }))
    })
    const { epoch, events, told } = this
    return [...ledgers, this.#record({ state, epoch, sequences: this.sequences + 1, events, ...told })]
  }

  /** What it found of the run before it. */
  cut(before: SimulatedRun): RunLine {
    const { epoch, sequences, events } = before
    return this.#record({ state: 'cut', epoch, sequences, events })
  }

  /** What a sink declared lost: it uses no sequence. */
  loss(sink: string, reason: string, first: number, last: number): string {
    const count = last - first + 1
    const id = `${this.epoch}-loss-${sink}-${first}-${last}`
    const { epoch } = this
    return this.#line(id, {
      record: 'loss',
      sink,
      epoch,
      reason,
      count,
      first_sequence: first,
      last_sequence: last,
    })
  }

  #record(epoch: Readonly<Record<string, unknown>>): RunLine {
    return this.#own(() => {
      const line = this.#line(this.#ids.next, { record: 'epoch', ...epoch })
      this.#ids.use()
      return line
    })
  }

  #own(make: () => string): RunLine {
    const sequence = this.#ids.sequences
    return { sequence, kind: 'account', events: 0, line: make() }
  }

  #line(id: string, fields: Readonly<Record<string, unknown>>): string {
    return `${ownRecord({ eventId: id, time: timeOfMs(this.#nowMs), host: this.node }, fields)}\n`
  }
}
