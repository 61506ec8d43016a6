import { constants, createReadStream, fstatSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { Pause } from '../../stream/pause.js'
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
  const pause = new Pause()
  const wake = () => pause.end()
  let isThere = false
  // Waited for but once, however long nothing comes: each wait for a promise would stay with it until it is settled.
  const readOn = () => {
    isThere = false
    const read = iterator.next()
    const over = () => {
      isThere = true
      wake()
    }
    read.then(over, over)
    return read
  }
  signal.addEventListener('abort', wake)
  let next = readOn()
  try {
    while (!signal.aborted) {
      await pause.wait(everyMs)
      if (!isThere) {
        yield undefined
        continue
      }
      const result = await next
      if (result.done === true) return
      yield result.value
      next = readOn()
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new InputError(`Cannot read ${path === '-' ? 'standard input' : path}: ${code ?? message}`, {
      cause: error,
    })
  } finally {
    signal.removeEventListener('abort', wake)
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
