import { DeliveryError, type Destination } from '../../delivery/destination.js'
import { jsonLinesOf } from '../../delivery/json-lines-of.js'
import type { SpoolBatch, SpoolRecord } from '../../spool/spool.js'
import { Output, OutputError } from '../output.js'

/**
 * Lines of records on a descriptor that is open: a pipe, a terminal, a file. A reader that is slow is waited for, on the event
 * loop; one that is gone does not come back.
 */
export class LinesDestination implements Destination {
  readonly name: string
  readonly window = 1
  readonly #fd: number
  readonly #linesOf: (records: readonly SpoolRecord[]) => Buffer
  #output: Output | undefined
  /** A batch that is queued and not written whole: tried again, it only goes on. */
  #begun: SpoolBatch | undefined
  /** Lines that are written once it is. */
  #target = 0
  /** Whether what stands last may be half a line. */
  #torn = false

  /** @param linesOf the lines of records, in one piece */
  constructor(name: string, fd: number, linesOf: (records: readonly SpoolRecord[]) => Buffer = jsonLinesOf) {
    this.name = name
    this.#fd = fd
    this.#linesOf = linesOf
  }

  async open(): Promise<void> {
    this.#opened()
  }

  async deliver(batch: SpoolBatch, signal: AbortSignal): Promise<readonly never[]> {
    const output = this.#opened()
    if (!isSame(this.#begun, batch)) {
      // One that was given up is written all the same: its first part may be out.
      if (this.#begun !== undefined) await this.#flush(output, signal)
      const lines = this.#linesOf(batch.records)
      output.write(this.#torn ? Buffer.concat([Buffer.from('\n'), lines]) : lines, batch.records.length)
      this.#torn = false
      this.#begun = batch
      this.#target = output.lines + batch.records.length
    }
    await this.#flush(output, signal)
    return []
  }

  async close(): Promise<void> {
    this.#output?.close()
    this.#output = undefined
  }

  #opened(): Output {
    try {
      this.#output ??= new Output(this.#fd)
    } catch (error) {
      throw new DeliveryError(
        'output_unusable',
        `Cannot write to standard output: ${(error as Error).message}`,
        {
          passing: false,
          cause: error,
        },
      )
    }
    if (this.#output.closed) throw readerGone()
    return this.#output
  }

  /** @throws {DeliveryError} if not all was written */
  async #flush(output: Output, signal: AbortSignal): Promise<void> {
    try {
      await output.flush(signal)
    } catch (error) {
      if (!(error instanceof OutputError)) throw error
      // A disk that is full, where it leads to a file: opened anew when it is tried again.
      this.#begun = undefined
      this.#torn = true
      output.close()
      this.#output = undefined
      throw new DeliveryError('output_failed', error.message, { passing: true, cause: error })
    }
    if (output.closed) throw readerGone()
    if (output.lines < this.#target)
      throw new DeliveryError('aborted', 'Standard output took only a part before the wait was ended', {
        passing: true,
      })
    this.#begun = undefined
  }
}

function readerGone(): DeliveryError {
  return new DeliveryError('reader_gone', 'Whoever read standard output is gone: start the agent again', {
    passing: false,
  })
}

function isSame(a: SpoolBatch | undefined, b: SpoolBatch): boolean {
  return a?.epoch === b.epoch && a.firstSequence === b.firstSequence && a.records.length === b.records.length
}
