import type { TracedEvent } from '../probes/shared-events.js'
import type { Account, Sink } from '../stream/sink.js'
import type { Output } from './output.js'
import type { LineFormat } from './text-sink.js'
import { ToldLines } from './told-lines.js'

/** How the events of one of several tools are told. */
export interface TracedFormat {
  /** The tool's name. */
  readonly tool: string
  readonly format: LineFormat<unknown>
  /** What only user space can leave out; all is wanted without. */
  readonly wanted?: ((event: unknown) => boolean) | undefined
}

/** Events of several tools as lines of text on one output, in the order in which they come. */
export class TracedSink implements Sink<TracedEvent> {
  readonly #formats: readonly TracedFormat[]
  readonly #output: Output
  readonly #delivered: number[]
  readonly #unwanted: number[]
  /** Each with the index of its tool. */
  readonly #told: ToldLines<number>

  constructor(formats: readonly TracedFormat[], output: Output) {
    this.#formats = formats
    this.#output = output
    this.#told = new ToldLines(output)
    this.#delivered = formats.map(() => 0)
    this.#unwanted = formats.map(() => 0)
  }

  get closed(): boolean {
    return this.#output.closed
  }

  get delivered(): number {
    return this.#output.lines
  }

  /** Of a tool, the events delivered. */
  deliveredOf(toolIndex: number): number {
    this.#count()
    return this.#delivered[toolIndex] ?? 0
  }

  /** Of a tool, the events left out here. */
  unwantedOf(toolIndex: number): number {
    return this.#unwanted[toolIndex] ?? 0
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#output.write(this.#formats.map(({ format }) => format.head).join(''), 0)
    await this.#output.flush(signal)
  }

  beginBatch(): void {
    for (const { format } of this.#formats) format.beginBatch()
  }

  take({ toolIndex, event }: TracedEvent): void {
    const part = this.#formats[toolIndex]
    if (part === undefined) return
    if (part.wanted?.(event) === false) {
      this.#unwanted[toolIndex] = (this.#unwanted[toolIndex] ?? 0) + 1
      return
    }
    this.#told.add(part.format.line(event), toolIndex)
  }

  account(account: Account): void {
    const part = this.#formats.find(({ tool }) => tool === account.tool)
    this.#output.write(part?.format.account?.(account) ?? '', 0)
  }

  async flush(signal: AbortSignal): Promise<void> {
    this.#told.write()
    await this.#output.flush(signal)
    this.#count()
  }

  close(): void {
    this.#output.close()
  }

  /** Counts what was written for the tools that told it. */
  #count(): void {
    for (const toolIndex of this.#told.takeWritten())
      this.#delivered[toolIndex] = (this.#delivered[toolIndex] ?? 0) + 1
  }
}
