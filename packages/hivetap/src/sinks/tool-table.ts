import type { AnyTool } from '../probes/tool.js'
import type { LineFormat } from './text-sink.js'

/** The table of one of several tools: before each row the time of day and the tool's name. */
export class ToolTable implements LineFormat<unknown> {
  readonly head: string
  readonly #table: LineFormat<unknown>
  readonly #name: string
  readonly #time: (event: unknown) => string

  /**
   * @param width of the longest of the tools' names
   * @param time of day of an event
   */
  constructor(tool: AnyTool, table: LineFormat<unknown>, width: number, time: (event: unknown) => string) {
    this.#table = table
    this.#name = tool.name.padEnd(width)
    this.#time = time
    this.head = `${'TIME'.padEnd(8)} ${this.#name} ${table.head}`
  }

  beginBatch(): void {
    this.#table.beginBatch()
  }

  line(event: unknown): string {
    return `${this.#time(event)} ${this.#name} ${this.#table.line(event)}`
  }
}
