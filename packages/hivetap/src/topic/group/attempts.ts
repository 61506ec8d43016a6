import { isFinal } from '../wire/topic-cluster.js'

/**
 * Tries what brokers may not answer. Says once that they are away, however many tries fail, and once that they are back; keeps
 * what trying again is no use for.
 */
export class Attempts {
  readonly #say: (text: string) => void
  readonly #failing = new Set<string>()
  #fatal: unknown

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** Why there is no use in trying again; `undefined` while there is. */
  get fatal(): unknown {
    return this.#fatal
  }

  /** @returns whether it worked; if not, it is said, once */
  async try(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      this.works(what)
      return true
    } catch (error) {
      this.failed(what, error)
      return false
    }
  }

  /** @param what is tried: it is told by the same name when it works */
  failed(what: string, error: unknown): void {
    if (isFinal(error)) {
      this.#fatal = error
      return
    }
    const message = error instanceof Error ? error.message : String(error)
    if (this.#failing.size === 0) this.#say(`${message} It is tried on.`)
    this.#failing.add(what)
  }

  works(what: string): void {
    if (this.#failing.delete(what) && this.#failing.size === 0) this.#say('the brokers answer again')
  }
}
