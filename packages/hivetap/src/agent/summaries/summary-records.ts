import type { EventIds } from '../../sinks/json-lines.js'
import type { SummariesConfig, SummariesState } from '../agent.js'
import type { RecordEncoder } from '../record-encoder.js'
import type { RecordedTool } from '../recorder.js'
import { type ConnectFacts, factsOf } from './connect-facts.js'
import { type DueSummary, Summarizer } from './summarizer.js'
import { summaryLine } from './summary-line.js'

/** How often windows are looked after though nothing comes, at most: milliseconds. */
const FLUSH_MS = 1000

/** Where summaries are written. */
export interface SummaryOutput {
  readonly ids: EventIds
  readonly host: string
  readonly encoder: RecordEncoder
}

/** What of the epoch's record is about summaries. */
export interface SummariesTold {
  readonly summaries: number
  readonly summarised: number
}

/** Takes the connects that are to be summed up, and records the summaries: the part of a recorder that does. */
export class SummaryRecords {
  readonly #tools: readonly RecordedTool[]
  readonly #facts: readonly (((event: unknown) => ConnectFacts) | undefined)[]
  readonly #summarizer: Summarizer
  readonly #maxKeys: number
  readonly #output: SummaryOutput
  readonly #told: (number | undefined)[]
  #summaries = 0
  readonly flushEveryMs: number

  constructor(tools: readonly RecordedTool[], config: SummariesConfig, output: SummaryOutput) {
    this.#tools = tools
    this.#output = output
    this.#summarizer = new Summarizer(config)
    this.#maxKeys = config.maxKeys
    this.#facts = tools.map(({ tool, missing }) =>
      config.tools.includes(tool.name) ? factsOf(tool, missing) : undefined,
    )
    this.#told = this.#facts.map((facts) => (facts === undefined ? undefined : 0))
    this.flushEveryMs = Math.min(FLUSH_MS, config.everyMs)
  }

  /** Of a tool, the events in summaries that were recorded; `undefined` where its events are told one by one. */
  toldOf(toolIndex: number): number | undefined {
    return this.#told[toolIndex]
  }

  get told(): SummariesTold {
    return {
      summaries: this.#summaries,
      summarised: this.#told.reduce<number>((sum, of) => sum + (of ?? 0), 0),
    }
  }

  /** How it does. */
  get state(): SummariesState {
    const { share, keys } = this.#summarizer
    return { ...share.counts, keys, maxKeys: this.#maxKeys }
  }

  /** @returns whether it was taken: else it is to be told by itself */
  take(toolIndex: number, event: unknown, timeMs: number): boolean {
    const facts = this.#facts[toolIndex]?.(event)
    if (facts === undefined || this.#summarizer.isKept(facts)) return false
    const part = this.#tools[toolIndex]
    const countedBy = part?.countedBy?.(event)
    this.#summarizer.take(
      { tool: toolIndex, countedBy },
      facts,
      part?.identify?.(event),
      Math.floor(timeMs * 1000),
    )
    return true
  }

  /** Records those of windows that are over. */
  writeDue(): void {
    for (const summary of this.#summarizer.due(Date.now() * 1000)) this.#write(summary)
  }

  /** Records all there are. */
  writeAll(): void {
    for (const summary of this.#summarizer.rest()) this.#write(summary)
  }

  #write(summary: DueSummary): void {
    const { tool: toolIndex, countedBy } = summary.of
    const part = this.#tools[toolIndex]
    if (part === undefined) return
    const { ids, host, encoder } = this.#output
    const { tool, sample } = part
    const line = summaryLine(summary, { ids, host, tool: tool.name, sample, countedBy })
    encoder.add('summary', tool.name, summary.startUs / 1000, line)
    this.#told[toolIndex] = (this.#told[toolIndex] ?? 0) + summary.tally.events
    this.#summaries++
  }
}
