import { timeOfDay } from '../../probes/time-columns.js'
import type { RowClock } from '../../probes/tool.js'
import type { Output } from '../../sinks/output.js'
import { ToldLines } from '../../sinks/told-lines.js'
import type { JsonObject } from '../../stream/json-object.js'
import { printable, printableJson } from '../../stream/printable.js'
import type { Released } from '../merge/merge.js'
import type { SessionTally } from './tally.js'

/** An event of a node, on its way to the output. */
export interface NodeEvent {
  readonly tally: SessionTally
  readonly tool: string
  readonly row: string
  readonly weight: number
  /** By the node's own clock, microseconds since 1970. */
  readonly timeUs: number
  readonly record: JsonObject
  readonly head: RowHead | undefined
}

/** The names of the columns that a node's rows have. */
export interface RowHead {
  readonly head: string
  readonly clocks: readonly RowClock[]
}

/** How events are written. */
export interface MergedFormat {
  readonly output: 'table' | 'json'
  /** The tools of a trace: each row begins with the time of day and the tool. */
  readonly tools?: readonly string[]
}

/** Writes what was merged: rows behind their node's name, or a line of JSON each. */
export class MergedSink {
  readonly #output: Output
  readonly #format: MergedFormat
  /** By tool, the head that stands above its rows. */
  readonly #heads = new Map<string, string>()
  #width = 'NODE'.length
  #firstUs: number | undefined
  readonly #told: ToldLines<NodeEvent>
  /** Whether nothing is written any more: what still comes is counted as not written. */
  discarding = false

  constructor(output: Output, format: MergedFormat) {
    this.#output = output
    this.#told = new ToldLines(output)
    this.#format = format
  }

  get closed(): boolean {
    return this.#output.closed
  }

  /** Makes room for a node's name. */
  widen(node: string): void {
    this.#width = Math.max(this.#width, [...node].length)
  }

  /** Shows the names of a tool's columns, unless they stand there. */
  head(tool: string, { head, clocks }: RowHead): void {
    if (this.#format.output === 'json' || this.#heads.get(tool) === head || this.discarding) return
    this.#heads.set(tool, head)
    this.#told.write()
    const times = clocks.map((clock) => (clock === 'time_of_day' ? 'TIME'.padEnd(8) : 'TIME(s)'.padEnd(9)))
    this.#output.write(`${this.#row('NODE', tool, ['TIME'.padEnd(8)], times, head)}\n`, 0)
  }

  take({ node, late, item }: Released<NodeEvent>): void {
    if (this.discarding) return
    if (this.#format.output === 'json') this.#told.add(jsonLine(node, late, item), item)
    else {
      if (item.head !== undefined) this.head(item.tool, item.head)
      this.#told.add(this.#tableLine(node, late, item), item)
    }
  }

  /** A record of a node that tells of no event: its account. */
  record(node: string, record: JsonObject): void {
    if (this.#format.output !== 'json' || this.discarding) return
    this.#told.write()
    this.#output.write(`${printableJson(JSON.stringify({ ...record, node }))}\n`, 0)
  }

  /** Writes all of it, until `signal` aborts. @throws {OutputError} if it cannot be written */
  async flush(signal: AbortSignal): Promise<void> {
    this.#told.write()
    await this.#output.flush(signal)
    for (const { tally, tool, weight } of this.#told.takeWritten()) {
      const tallied = tally.of(tool)
      if (tallied !== undefined) tallied.written += weight
    }
  }

  close(): void {
    this.#output.close()
  }

  #tableLine(node: string, late: boolean, { tool, row, timeUs, head }: NodeEvent): string {
    this.#firstUs ??= timeUs
    const sinceFirst = ((timeUs - this.#firstUs) / 1e6).toFixed(3).padEnd(9)
    const day = timeOfDay(new Date(timeUs / 1000))
    const times = (head?.clocks ?? []).map((clock) => (clock === 'time_of_day' ? day : sinceFirst))
    return `${this.#row(node, tool, [day], times, row)}${late ? ' late' : ''}\n`
  }

  /** @param traced the time of rows of several tools @param times of rows of one */
  #row(
    node: string,
    tool: string,
    traced: readonly string[],
    times: readonly string[],
    rest: string,
  ): string {
    const { tools } = this.#format
    const before =
      tools === undefined ? times : [...traced, tool.padEnd(Math.max(...tools.map((name) => name.length)))]
    return [printable(node).padEnd(this.#width), ...before.map(printable), printable(rest)].join(' ')
  }
}

function jsonLine(node: string, late: boolean, { record }: NodeEvent): string {
  const { row: _, weight: __, late: ___, ...rest } = record as Record<string, unknown>
  return `${printableJson(JSON.stringify({ ...rest, node, ...(late ? { late } : {}) }))}\n`
}
