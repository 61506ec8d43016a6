import { grown } from '../blocks/grown.js'

type Numbers = Int32Array | Float32Array | Float64Array

const BLOCK_BITS = 14
const BLOCK = 1 << BLOCK_BITS

/**
 * A number for each key, 0 as long as none was set. Keys are ids of a table, or places in a list: small, and used again. They
 * stand in blocks, made when the first of a block is set: to grow copies nothing, and never holds the old beside the new.
 */
export class NumbersByKey<T extends Numbers = Int32Array> {
  readonly #make: new (
    length: number,
  ) => T
  /** The first may be shorter than the others, so that few keys take little. */
  readonly #blocks: (T | undefined)[]

  /** @param make the kind of array that they are kept in */
  constructor(make: new (length: number) => T) {
    this.#make = make
    this.#blocks = [new make(64)]
  }

  get(key: number): number {
    return this.#blocks[key >>> BLOCK_BITS]?.[key & (BLOCK - 1)] ?? 0
  }

  set(key: number, value: number): void {
    const block = this.#blocks[key >>> BLOCK_BITS]
    const place = key & (BLOCK - 1)
    if (block !== undefined && place < block.length) block[place] = value
    else if (value !== 0) this.#withRoom(key >>> BLOCK_BITS, place)[place] = value
  }

  /** Divides them all. */
  divide(by: number): void {
    for (const block of this.#blocks) {
      if (block === undefined) continue
      for (let place = 0; place < block.length; place++) block[place] = (block[place] as number) / by
    }
  }

  #withRoom(index: number, place: number): T {
    while (this.#blocks.length <= index) this.#blocks.push(undefined)
    const old = this.#blocks[index]
    const block = old === undefined ? new this.#make(BLOCK) : grown(old, this.#make, place + 1)
    this.#blocks[index] = block
    return block
  }
}
