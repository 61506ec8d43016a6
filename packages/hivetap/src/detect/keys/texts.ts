import { grown } from '../blocks/grown.js'
import { NumberStack } from '../blocks/number-stack.js'
import { IdSlots } from './id-slots.js'
import { hashOfText } from './text-hash.js'

/** Texts that are found at once: those that come again and again. So few that those chosen to fall together cost little, too. */
const AT_HAND = 1024
/** Where all are taken, so many others are looked up before it is begun anew: of texts that are ever new, few are worth it. */
const PASSED = 8 * AT_HAND

/** Texts by number, each kept once, for as long as someone holds it. */
export class Texts {
  readonly #texts: (string | undefined)[] = []
  readonly #free = new NumberStack()
  readonly #slots = new IdSlots((id) => this.#hashes[id] as number)
  /** By the text as it is kept: another that is equal may be a part of a long one, and would keep all of that. */
  readonly #atHand = new Map<string, number>()
  #passed = 0
  #hashes = new Uint32Array(16)
  #holders = new Uint32Array(16)

  /** Texts that are kept. */
  get size(): number {
    return this.#texts.length - this.#free.length
  }

  /** The number of a text; -1 if it is not kept. */
  find(text: string): number {
    // The engine remembers the hash of a text that is asked for again.
    const known = this.#atHand.get(text)
    if (known !== undefined) return known
    const id = this.#lookUp(text, hashOfText(text))
    if (id >= 0) this.#putAtHand(id)
    return id
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
    this.#atHand.delete(this.textOf(id))
    this.#texts[id] = undefined
    this.#free.push(id)
  }

  /** A text that is held. */
  textOf(id: number): string {
    return this.#texts[id] as string
  }

  #putAtHand(id: number): void {
    if (this.#atHand.size >= AT_HAND) {
      if (++this.#passed < PASSED) return
      this.#passed = 0
      this.#atHand.clear()
    }
    this.#atHand.set(this.textOf(id), id)
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
