/** Texts that are told again and again, such as nodes' names by each of their pods: the same text is kept once. */
export class OneOfEach {
  readonly #most: number
  readonly #texts = new Map<string, string>()

  /** @param most texts; one more, and all are forgotten, which costs only that they are kept twice */
  constructor(most: number) {
    this.#most = most
  }

  get(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= this.#most) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }
}
