import { constants, createReadStream, fstatSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { InputError } from '../../topic/input-error.js'

/** Bytes that are read at once. */
const PIECE = 1 << 18

/**
 * What is read of a file or of standard input, piece by piece; `undefined` now and then while nothing comes.
 *
 * @param path of the file; `-` is standard input
 * @throws {InputError} if it cannot be opened or read
 */
export async function* pieces(
  path: string,
  signal: AbortSignal,
  everyMs: number,
): AsyncGenerator<Buffer | undefined> {
  const stream = path === '-' ? standardInput() : createReadStream(path, { highWaterMark: PIECE })
  const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let next = iterator.next()
  try {
    while (!signal.aborted) {
      const silence = new Silence(everyMs, signal)
      const result = await Promise.race([next, silence.over])
      silence.end()
      if (result === undefined) yield undefined
      else if (result.done === true) return
      else {
        yield result.value
        next = iterator.next()
      }
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new InputError(`Cannot read ${path === '-' ? 'standard input' : path}: ${code ?? message}`, {
      cause: error,
    })
  } finally {
    // Whoever stops has no use for what is being read, nor for how that ends.
    next.catch(() => undefined)
    stream.destroy()
  }
}

/**
 * Standard input, read on the event loop: a read that waits in a thread holds the process until something comes. A pipe is
 * opened anew for that, since other processes may share how it was opened.
 */
function standardInput(): Readable {
  const stats = fstatSync(0)
  if (stats.isFile()) return createReadStream('', { fd: 0, autoClose: false, highWaterMark: PIECE })
  if (!stats.isFIFO()) return process.stdin
  const fd = openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK)
  return new Socket({ fd, readable: true, writable: false })
}

/** Is over after that time, or when it is interrupted. */
class Silence {
  readonly over: Promise<undefined>
  /** Nobody waits for it any more: nothing is left of it. */
  end: () => void = () => undefined

  constructor(ms: number, signal: AbortSignal) {
    this.over = new Promise((resolve) => {
      this.end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', this.end)
        resolve(undefined)
      }
      const timer = setTimeout(() => this.end(), ms)
      signal.addEventListener('abort', this.end, { once: true })
    })
  }
}
