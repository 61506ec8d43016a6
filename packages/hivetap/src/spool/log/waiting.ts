/** Who waits for something to change, and is told once. */
export class Waiting {
  #wake: (() => void) | undefined

  get isWaited(): boolean {
    return this.#wake !== undefined
  }

  /** Returns when woken or aborted, whichever is first. One waits at a time. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      signal.addEventListener('abort', this.wake, { once: true })
    })
    signal.removeEventListener('abort', this.wake)
  }

  readonly wake = (): void => {
    this.#wake?.()
    this.#wake = undefined
  }
}
