import { tell } from './standard-streams.js'

/** Between two lines, and before the first: what is done sooner needs none. */
const INTERVAL_MS = 5000

/** Says on standard error how far something has come, where it takes long. */
export class Progress {
  readonly #text: () => string
  #toldMs = performance.now()

  /** @param text how far it has come; asked for when it is told */
  constructor(text: () => string) {
    this.#text = text
  }

  /** Called now and then: it looks at the clock. */
  tell(): void {
    const nowMs = performance.now()
    if (nowMs - this.#toldMs < INTERVAL_MS) return
    this.#toldMs = nowMs
    // Nobody waits for whoever reads it.
    void tell(`hivetap: ${this.#text()}\n`)
  }
}
