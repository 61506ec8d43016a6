import { DeliveryError } from '../../delivery/destination.js'

/**
 * Waits for work, but not longer than so many milliseconds, nor once one of the signals aborts. The work is told by the signal that it
 * is handed, and nobody waits for it then.
 *
 * @throws {DeliveryError} `deadline`, `aborted`, or whatever the work throws
 */
export async function within<T>(
  milliseconds: number,
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const aborted = () => signals.find((signal) => signal.aborted)
  const controller = new AbortController()
  let stop = () => {}
  const stopped = new Promise<never>((_, reject) => {
    const end = (kind: string, message: string) => {
      controller.abort()
      reject(new DeliveryError(kind, message, { passing: true, cause: aborted()?.reason }))
    }
    const onAbort = () => end('aborted', 'The delivery was called off.')
    const timer = setTimeout(
      () => end('deadline', `The brokers did not take it within ${milliseconds} ms.`),
      milliseconds,
    )
    for (const signal of signals) signal.addEventListener('abort', onAbort)
    stop = () => {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', onAbort)
    }
    if (aborted() !== undefined) onAbort()
  })
  try {
    if (aborted() !== undefined) return await stopped
    return await Promise.race([work(controller.signal), stopped])
  } finally {
    stop()
  }
}
