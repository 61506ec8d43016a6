/** How much memory what is kept may take, all together: asked before anything grows. */
export class MemoryBound {
  readonly #limit: number
  #used = 0

  /** @param limit bytes, as they are estimated by those who ask */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes that are taken. */
  get used(): number {
    return this.#used
  }

  /** Takes so many bytes more; fewer if it is negative. @returns whether there was room */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#used + bytes > this.#limit) return false
    this.#used += bytes
    return true
  }
}
