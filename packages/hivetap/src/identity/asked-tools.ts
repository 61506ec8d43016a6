import { ClosedError } from '@hivetap/bpf'

/** Tools that are asked at most: an agent has a few, and those anew with each reload. */
const MOST_TOOLS = 64

/** Tools whose programs keep something: of those that know an answer, the first. */
export class AskedTools<T> {
  readonly #tools = new Set<T>()

  add(tool: T): void {
    this.#tools.add(tool)
    const [oldest] = this.#tools
    if (this.#tools.size > MOST_TOOLS && oldest !== undefined) this.#tools.delete(oldest)
  }

  /**
   * What the first tool says that does not say `undefined`. One that was closed meanwhile is asked no more.
   *
   * @throws what a tool throws but {@link ClosedError}
   */
  ask<A>(question: (tool: T) => A | undefined): A | undefined {
    for (const tool of this.#tools) {
      try {
        const answer = question(tool)
        if (answer !== undefined) return answer
      } catch (error) {
        if (!(error instanceof ClosedError)) throw error
        this.#tools.delete(tool)
      }
    }
    return undefined
  }
}
