import { grown } from '../blocks/grown.js'
import { NumberStack } from '../blocks/number-stack.js'
import { IdSlots } from './id-slots.js'
import { hashOfText } from './text-hash.js'

/** Texts by number, each kept once, for as long as someone holds it. */
export class Texts {
  readonly #texts: (string | undefined)[] = []
  readonly #free = new NumberStack()
  readonly #slots = new IdSlots((id) => this.#hashes[id] as number)
  #hashes = new Uint32Array(16)
  #holders = new Uint32Array(16)

  /** Texts that are kept. */
  get size(): number {
    return this.#texts.length - this.#free.length
  }

  /** The number of a text; -1 if it is not kept. */
  find(text: string): number {
    return this.#lookUp(text, hashOfText(text))
  }

  /** Holds a text, and keeps it if it was not kept. @returns its number */
  hold(text: string): number {
    const hash = hashOfText(text)
    const known = this.#lookUp(text, hash)
    const id = known >= 0 ? known : this.#keep(text, hash)
    this.#holders[id] = (this.#holders[id] as number) + 1
    return id
  }

  /** Lets a text go: without a holder it is kept no longer. */
  release(id: number): void {
    const holders = (this.#holders[id] as number) - 1
    this.#holders[id] = holders
    if (holders > 0) return
    this.#slots.remove(id)
    this.#texts[id] = undefined
    this.#free.push(id)
  }

  /** A text that is held. */
  textOf(id: number): string {
    return this.#texts[id] as string
  }

  #lookUp(text: string, hash: number): number {
    for (let slot = this.#slots.first(hash); ; slot = this.#slots.next(slot)) {
      const id = this.#slots.at(slot)
      if (id < 0 || (this.#hashes[id] === hash && this.#texts[id] === text)) return id
    }
  }

  #keep(text: string, hash: number): number {
    const free = this.#free.pop()
    const id = free >= 0 ? free : this.#texts.length
    this.#texts[id] = copyOf(text)
    if (id >= this.#hashes.length) {
      this.#hashes = grown(this.#hashes, Uint32Array, id + 1)
      this.#holders = grown(this.#holders, Uint32Array, id + 1)
    }
    this.#hashes[id] = hash
    this.#holders[id] = 0
    this.#slots.put(id, hash)
    return id
  }
}

/** The same text with characters of its own: one that was cut out of a long text keeps all of that in memory. */
function copyOf(text: string): string {
  for (let index = 0; index < text.length; index++)
    if (text.charCodeAt(index) > 0xff) return Buffer.from(text, 'utf16le').toString('utf16le')
  return Buffer.from(text, 'latin1').toString('latin1')
}
