import { fstatSync, writeSync } from 'node:fs'
import { isWritable, Readiness } from '@hivetap/bpf'

/** What fits into a pipe that is ready, without waiting (pipe(7): PIPE_BUF). */
const PIPE_BUF = 4096

/** The output cannot be written, for a reason that does not pass: a full disk. */
export class OutputError extends Error {}

interface Chunk {
  readonly bytes: Buffer
  readonly lines: number
}

/**
 * Standard output, written to without ever blocking the process on a reader that does not read.
 *
 * A plain write to a full pipe, or to a terminal that was stopped, waits in the kernel, where neither a signal handler
 * nor anything else of the program runs. So pipes, terminals and sockets are asked first and given what they take at
 * once; the rest waits here. Regular files and devices that are always ready are written to at once. The descriptor's
 * flags, which other processes share, stay as they are.
 */
export class Output {
  readonly #fd: number
  readonly #readiness: Readiness | undefined
  readonly #queue: Chunk[] = []
  /** Bytes of the first chunk that are written. */
  #done = 0
  #lines = 0
  #closed = false

  constructor(fd: number) {
    this.#fd = fd
    this.#readiness = openReadiness(fd)
  }

  /** Lines written whole. */
  get lines(): number {
    return this.#lines
  }

  /** Whether the reader is gone: nothing more can be written. */
  get closed(): boolean {
    return this.#closed
  }

  /** Queues text of some whole lines. Whoever writes awaits `flush` before writing more: that bounds the queue. */
  write(text: string, lines: number): void {
    if (!this.#closed && text !== '') this.#queue.push({ bytes: Buffer.from(text), lines })
  }

  /**
   * Writes all that is queued, waiting for the reader as long as it takes, or until `signal` aborts.
   *
   * @throws {OutputError} if it cannot be written; that the reader is gone is no error
   */
  async flush(signal?: AbortSignal): Promise<void> {
    const cancel = () => this.#readiness?.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      while (this.#queue.length > 0 && !this.#closed) {
        if (this.#readiness === undefined || isWritable(this.#fd)) this.#writeSome()
        else if (signal?.aborted === true) return
        else await this.#readiness.wait()
      }
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Gives its resources back; the descriptor stays open. */
  close(): void {
    this.#closed = true
    this.#readiness?.close()
  }

  #writeSome(): void {
    const [chunk] = this.#queue
    if (chunk === undefined) return
    const most = this.#readiness === undefined ? chunk.bytes.byteLength : PIPE_BUF
    try {
      this.#done += writeSync(
        this.#fd,
        chunk.bytes,
        this.#done,
        Math.min(most, chunk.bytes.byteLength - this.#done),
      )
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') return
      this.#closed = true
      this.#lines += wholeLines(chunk.bytes.subarray(0, this.#done))
      this.#queue.length = 0
      if (code === 'EPIPE' || code === 'ECONNRESET') return
      throw new OutputError(`Cannot write to standard output: ${code ?? String(error)}`, { cause: error })
    }
    if (this.#done < chunk.bytes.byteLength) return
    this.#lines += chunk.lines
    this.#done = 0
    this.#queue.shift()
  }
}

function wholeLines(bytes: Uint8Array): number {
  let lines = 0
  for (const byte of bytes) if (byte === NEWLINE) lines++
  return lines
}

const NEWLINE = 10

function openReadiness(fd: number): Readiness | undefined {
  const stat = fstatSync(fd)
  if (stat.isFile()) return undefined
  try {
    return new Readiness([fd], { direction: 'writable' })
  } catch (error) {
    // epoll_ctl(2): EPERM for what is always ready, such as /dev/null.
    if ((error as { errnoName?: string }).errnoName === 'EPERM') return undefined
    throw error
  }
}
