/** A wait that others can end. What ends it before it begins makes the next one short. */
export class Pause {
  #isEnded = false
  #resume: (() => void) | undefined

  /** Ends the wait. */
  end(): void {
    this.#isEnded = true
    this.#resume?.()
  }

  /** Waits until it is ended, or for so long. */
  async wait(ms: number): Promise<void> {
    if (!this.#isEnded) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#resume = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#resume = undefined
    }
    this.#isEnded = false
  }
}

/**
 * Waits for work, but no longer than so many milliseconds, nor once the signal aborts: then nothing came of it, and nobody is
 * told if it fails.
 */
export async function orTime<T>(
  work: Promise<T>,
  ms: number | undefined,
  signal?: AbortSignal,
): Promise<T | undefined> {
  let end = () => {}
  const over = new Promise<undefined>((resolve) => {
    const timer = ms === undefined ? undefined : setTimeout(() => resolve(undefined), ms)
    const onAbort = () => resolve(undefined)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted === true) resolve(undefined)
    end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  })
  try {
    work.catch(() => undefined)
    return await Promise.race([work, over])
  } finally {
    end()
  }
}
