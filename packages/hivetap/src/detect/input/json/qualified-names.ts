/** Names kept at most: of workloads and services, some for each namespace. */
const MOST_NAMES = 4096

/** `namespace/name`, the same text each time: it is made once, and a rule's keys are then found by it without being hashed anew. */
export class QualifiedNames {
  readonly #names = new Map<string, Map<string, string>>()
  #count = 0

  /** Where there is no namespace, the name alone; no name, nothing. */
  of(namespace: string, name: string): string {
    if (name === '' || namespace === '') return name
    let names = this.#names.get(namespace)
    if (names === undefined) {
      names = new Map()
      this.#names.set(namespace, names)
    }
    let text = names.get(name)
    if (text !== undefined) return text
    text = `${namespace}/${name}`
    if (this.#count >= MOST_NAMES) this.#forget()
    else {
      names.set(name, text)
      this.#count++
    }
    return text
  }

  /** Of names that are ever new, none is worth keeping. */
  #forget(): void {
    this.#names.clear()
    this.#count = 0
  }
}
