import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { isWritable, Readiness } from '@hivetap/bpf'

/** What fits into a pipe that is ready, without waiting, and is written to it in one piece (pipe(7): PIPE_BUF). */
const PIPE_BUF = 4096
/**
 * What fits into a terminal that is ready, without waiting. More might not: a newline is written as two characters, each
 * with room of its own, and the room is counted before what was just written (drivers/tty/n_tty.c, tty_buffer.c).
 */
const TERMINAL_ROOM = 1

/** The output cannot be written, for a reason that does not pass: a full disk. */
export class OutputError extends Error {}

/** Whole lines of text. */
interface Chunk {
  readonly bytes: Buffer
  readonly lines: number
}

/** How a descriptor is written to. */
interface Way {
  readonly fd: number
  /** Asked before each write; `undefined` where a write never waits for a reader. */
  readonly readiness: Readiness | undefined
  /** Bytes of one write at most. */
  readonly most: number
  /** Whether `fd` is ours to close. */
  readonly own: boolean
  /** Errors that say that the reader is gone. */
  readonly gone: readonly string[]
}

/**
 * Standard output, written to without ever blocking the process on a reader that does not read.
 *
 * A plain write to a full pipe, or to a terminal that was stopped, waits in the kernel, where neither a signal handler
 * nor anything else of the program runs. So pipes and terminals are opened anew, not to block, sockets are asked first, and
 * each is given what it takes at once, in whole lines; the rest waits here. Regular files and devices that are always ready
 * are written to at once. The descriptor's flags, which other processes share, stay as they are.
 */
export class Output {
  readonly #way: Way
  readonly #queue: Chunk[] = []
  /** Bytes of the first chunk that are written. */
  #done = 0
  /** Lines of the chunks before it. */
  #lines = 0
  #closed = false
  #released = false

  constructor(fd: number) {
    this.#way = findWay(fd)
  }

  /** Lines written whole. */
  get lines(): number {
    const [chunk] = this.#queue
    return this.#lines + (chunk === undefined ? 0 : linesWritten(chunk, this.#done))
  }

  /** Whether the reader is gone, or it was closed: nothing more can be written. */
  get closed(): boolean {
    return this.#closed
  }

  /**
   * Queues some whole lines, as text or in UTF-8. Whoever writes awaits `flush` before writing more: that bounds the queue.
   *
   * @param lines how many of them count: all, or none
   */
  write(text: string | Buffer, lines: number): void {
    if (!this.#closed && text.length > 0)
      this.#queue.push({ bytes: typeof text === 'string' ? Buffer.from(text) : text, lines })
  }

  /**
   * Writes all that is queued, waiting for the reader as long as it takes, or until `signal` aborts.
   *
   * @throws {OutputError} if it cannot be written; that the reader is gone is no error
   */
  async flush(signal?: AbortSignal): Promise<void> {
    // Mostly the reader takes all of it at once.
    if (this.#writeNow()) return
    const cancel = () => this.#way.readiness?.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      while (signal?.aborted !== true) {
        // If it said that it was ready and was not: let others run before it is asked again.
        if (this.#isReady()) await new Promise(setImmediate)
        else await this.#way.readiness?.wait()
        if (this.#writeNow()) return
      }
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Gives its resources back; the descriptor stays open. */
  close(): void {
    this.#closed = true
    if (this.#released) return
    this.#released = true
    this.#way.readiness?.close()
    if (this.#way.own) closeSync(this.#way.fd)
  }

  #isReady(): boolean {
    const { fd, readiness } = this.#way
    return readiness === undefined || isWritable(fd)
  }

  /** Writes what is taken at once. @returns whether nothing is left to write */
  #writeNow(): boolean {
    while (this.#queue.length > 0 && !this.#closed) if (!this.#isReady() || !this.#writeSome()) return false
    return true
  }

  /** Whether something was written, or nothing can be any more. */
  #writeSome(): boolean {
    const [chunk] = this.#queue
    if (chunk === undefined) return true
    const { fd, most, gone } = this.#way
    try {
      this.#done += writeSync(fd, chunk.bytes, this.#done, pieceLength(chunk.bytes, this.#done, most))
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') return false
      this.#giveUp()
      if (gone.includes(code)) return true
      throw new OutputError(`Cannot write to standard output: ${code}`, { cause: error })
    }
    if (this.#done === chunk.bytes.byteLength) {
      this.#lines += chunk.lines
      this.#done = 0
      this.#queue.shift()
    }
    return true
  }

  /** Nothing more is written; what was, stays counted. */
  #giveUp(): void {
    this.#lines = this.lines
    this.#queue.length = 0
    this.#done = 0
    this.#closed = true
  }
}

/**
 * How many bytes to write next: whole lines, as long as one fits. A pipe takes such a piece as a whole, so that its
 * reader never has half a line at the end, and several writers do not write into each other's lines.
 */
function pieceLength(bytes: Buffer, from: number, most: number): number {
  const rest = bytes.byteLength - from
  if (rest <= most) return rest
  const end = bytes.lastIndexOf(NEWLINE, from + most - 1)
  return end < from ? most : end + 1 - from
}

/** How many lines of a chunk that count are written, when so many of its bytes are. */
function linesWritten(chunk: Chunk, done: number): number {
  if (chunk.lines === 0) return 0
  let lines = 0
  for (let at = chunk.bytes.indexOf(NEWLINE); at >= 0 && at < done; at = chunk.bytes.indexOf(NEWLINE, at + 1))
    lines++
  return lines
}

const NEWLINE = 10

function findWay(fd: number): Way {
  const gone = ['EPIPE', 'ECONNRESET']
  const kind = fstatSync(fd)
  if (kind.isFile()) return { fd, readiness: undefined, most: Number.POSITIVE_INFINITY, own: false, gone }
  if (isatty(fd)) return terminalWay(fd)
  if (kind.isFIFO()) return pipeWay(fd)
  const readiness = writableOf(fd)
  return {
    fd,
    readiness,
    most: readiness === undefined ? Number.POSITIVE_INFINITY : PIPE_BUF,
    own: false,
    gone,
  }
}

/**
 * A pipe that was ready may be filled by another writer before we write: then the write would wait. A description of our
 * own does not block. Where it cannot be had, that is left.
 */
function pipeWay(shared: number): Way {
  const anew = openAnew(shared)
  const fd = anew ?? shared
  return {
    fd,
    readiness: writableOf(fd),
    most: PIPE_BUF,
    own: anew !== undefined,
    gone: ['EPIPE'],
  }
}

/**
 * A terminal with little room is ready all the same, and how much room it has it does not say: a longer write would wait.
 * A description of our own does not block. Where the terminal is another user's it cannot be had: then a byte is written
 * at a time, which always fits.
 */
function terminalWay(shared: number): Way {
  const anew = openAnew(shared)
  const fd = anew ?? shared
  return {
    fd,
    readiness: writableOf(fd),
    most: anew === undefined ? TERMINAL_ROOM : PIPE_BUF,
    own: anew !== undefined,
    // A terminal that hung up.
    gone: ['EIO'],
  }
}

function openAnew(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return undefined
  }
}

function writableOf(fd: number): Readiness | undefined {
  try {
    return new Readiness([fd], { direction: 'writable' })
  } catch (error) {
    // epoll_ctl(2): EPERM for what is always ready, such as /dev/null.
    if ((error as { errnoName?: string }).errnoName === 'EPERM') return undefined
    throw error
  }
}
