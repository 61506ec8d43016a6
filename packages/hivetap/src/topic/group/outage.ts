/** Says once that brokers are away, however many tries fail, and once that they are back. */
export class Outage {
  readonly #say: (text: string) => void
  readonly #failing = new Set<string>()

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** @param what is tried: it is told by the same name when it works */
  failed(what: string, message: string): void {
    if (this.#failing.size === 0) this.#say(`${message} It is tried on.`)
    this.#failing.add(what)
  }

  works(what: string): void {
    if (this.#failing.delete(what) && this.#failing.size === 0) this.#say('the brokers answer again')
  }
}
