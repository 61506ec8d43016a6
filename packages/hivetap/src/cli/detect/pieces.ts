import { createReadStream } from 'node:fs'
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
  const stream =
    path === '-'
      ? createReadStream('', { fd: 0, autoClose: false, highWaterMark: PIECE })
      : createReadStream(path, { highWaterMark: PIECE })
  const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let next = iterator.next()
  try {
    while (!signal.aborted) {
      const result = await Promise.race([next, silence(everyMs, signal)])
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

/** Ends after that time, or when it is interrupted. */
function silence(ms: number, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve(undefined)
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
