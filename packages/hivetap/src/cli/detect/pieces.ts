import { createReadStream } from 'node:fs'
import { Pause } from '../../stream/pause.js'
import { InputError } from '../../topic/input-error.js'
import { PIECE_BYTES, standardInput } from '../standard-input.js'

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
  const stream = path === '-' ? standardInput() : createReadStream(path, { highWaterMark: PIECE_BYTES })
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
