import type { SummariesConfig } from '../agent/agent.js'
import { type ConnectFacts, factsOf } from '../agent/summaries/connect-facts.js'
import { Summarizer } from '../agent/summaries/summarizer.js'
import { summaryLine } from '../agent/summaries/summary-line.js'
import type { SummariesTold } from '../agent/summaries/summary-records.js'
import type { EventIds } from '../sinks/json-lines.js'
import type { RunLine } from './simulated-run.js'
import type { SimulatedEvent, SimulatedTool } from './simulated-tool.js'

/** What is known of a tool whose connects are summed up. */
interface Summed {
  readonly name: string
  readonly facts: (event: SimulatedEvent) => ConnectFacts
  /** Counted, and not told. */
  held: number
  /** Told in summaries. */
  told: number
}

/** The connects of a run that is made up, summed up by what sums up those of a real one. */
export class SimulatedSummaries {
  readonly #config: SummariesConfig
  readonly #summarizer: Summarizer
  readonly #output: { readonly ids: EventIds; readonly host: string }
  readonly #tools: Summed[] = []
  #summaries = 0

  constructor(config: SummariesConfig, output: { readonly ids: EventIds; readonly host: string }) {
    this.#config = config
    this.#output = output
    this.#summarizer = new Summarizer(config)
  }

  get told(): SummariesTold {
    return { summaries: this.#summaries, summarised: this.#tools.reduce((sum, { told }) => sum + told, 0) }
  }

  /** Events of a tool that are counted, and in no summary that was told. */
  heldOf(name: string): number {
    return this.#tools.find((tool) => tool.name === name)?.held ?? 0
  }

  /** Events of a tool that were told in summaries; `undefined` where each is told by itself. */
  toldOf(name: string): number | undefined {
    if (!this.#config.tools.includes(name)) return undefined
    return this.#tools.find((tool) => tool.name === name)?.told ?? 0
  }

  /** @returns whether it was taken: else it is to be told by itself */
  take(tool: SimulatedTool, event: SimulatedEvent, timeMs: number): boolean {
    if (!this.#config.tools.includes(tool.name)) return false
    const index = this.#indexOf(tool)
    const summed = this.#tools[index] as Summed
    const facts = summed.facts(event)
    if (this.#summarizer.isKept(facts)) return false
    this.#summarizer.take({ tool: index }, facts, undefined, timeMs * 1000)
    summed.held++
    return true
  }

  /** Tells those of windows that are over, or all there are. */
  *lines(which: 'due' | 'rest', nowMs: number): Generator<RunLine> {
    const { ids, host } = this.#output
    const due = which === 'due' ? this.#summarizer.due(nowMs * 1000) : this.#summarizer.rest()
    for (const summary of due) {
      const summed = this.#tools[summary.of.tool] as Summed
      const { events } = summary.tally
      const sequence = ids.sequences
      const line = summaryLine(summary, { ids, host, tool: summed.name })
      summed.held -= events
      summed.told += events
      this.#summaries++
      yield { sequence, kind: 'summary', events, line }
    }
  }

  #indexOf(tool: SimulatedTool): number {
    const index = this.#tools.findIndex(({ name }) => name === tool.name)
    if (index >= 0) return index
    const facts = factsOf(tool as Parameters<typeof factsOf>[0], new Map())
    return this.#tools.push({ name: tool.name, facts, held: 0, told: 0 }) - 1
  }
}
