import { Output, OutputError } from '../../sinks/output.js'

/** What waits for a reader that is slow. */
const MOST_BYTES = 1 << 18
/** How long whoever reads the log has at the end. */
const PATIENCE_MS = 2000
/** How long after an output has failed it is tried again: a disk that was full may have room. */
const AGAIN_MS = 1000

/**
 * Lines on their way to standard error. Nobody waits for the reader: so many bytes wait here, and of lines that then find no
 * room the number is told as soon as there is some.
 */
export class LogOutput {
  /** Lines that were never written. */
  lost = 0
  readonly #fd: number
  readonly #tellLost: (lines: number) => string
  #output: Output
  #pending: string[] = []
  #bytes = 0
  #untold = 0
  #failedAt = Number.NEGATIVE_INFINITY
  #writing: Promise<void> | undefined
  readonly #giveUp = new AbortController()

  /** @param tellLost the line that says that so many were lost */
  constructor(fd: number, tellLost: (lines: number) => string) {
    this.#fd = fd
    this.#tellLost = tellLost
    this.#output = new Output(fd)
  }

  /** Takes whole lines. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (this.#bytes + bytes > MOST_BYTES || !this.#canWrite()) {
      this.#lose(1)
      return
    }
    this.#pending.push(line)
    this.#bytes += bytes
    this.#writing ??= this.#pump()
  }

  /** Writes what waits, for as long as whoever reads has at the end. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#giveUp.abort(), PATIENCE_MS)
    await this.#writing
    clearTimeout(timer)
    this.#output.close()
  }

  #canWrite(): boolean {
    if (!this.#output.closed) return true
    if (performance.now() - this.#failedAt < AGAIN_MS || this.#giveUp.signal.aborted) return false
    this.#output.close()
    this.#output = new Output(this.#fd)
    return true
  }

  async #pump(): Promise<void> {
    while (this.#pending.length > 0 && !this.#giveUp.signal.aborted) {
      const lines = this.#pending
      const told = this.#untold
      this.#pending = []
      this.#untold = 0
      this.#output.write((told === 0 ? '' : this.#tellLost(told)) + lines.join(''), 0)
      const isWritten = await this.#flush()
      this.#bytes -= lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
      if (isWritten) continue
      this.#untold += told
      this.#failedAt = performance.now()
      this.#lose(lines.length + this.#pending.length)
      this.#bytes = 0
      this.#pending = []
    }
    this.#writing = undefined
  }

  async #flush(): Promise<boolean> {
    try {
      await this.#output.flush(this.#giveUp.signal)
      return !this.#output.closed
    } catch (error) {
      if (!(error instanceof OutputError)) throw error
      return false
    }
  }

  #lose(lines: number): void {
    this.lost += lines
    this.#untold += lines
  }
}
