import { errorCode } from '../../io/error-code.js'

/** What a disk or a file system refuses as one: a page. Where its own blocks are smaller, the whole page is refused. */
const BLOCK_BYTES = 4096

/**
 * Blocks that are passed over in one piece of a file. A disk that fails may take seconds for each: where there are more, the
 * rest of the piece is given up.
 */
const MOST_BLOCKS = 16

/** Passes over what a disk cannot give (EIO), block by block: what is behind it is mostly as it was written. */
export class BadBlocks {
  #left = MOST_BLOCKS

  /**
   * @param offset in the file, where reading failed
   * @returns where to read on; `undefined` after too many of them, or where it is not the disk
   */
  behind(offset: number, error: unknown): number | undefined {
    if (errorCode(error) !== 'EIO' || this.#left === 0) return undefined
    this.#left--
    return offset - (offset % BLOCK_BYTES) + BLOCK_BYTES
  }
}
