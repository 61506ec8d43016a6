import { ClosedError } from '../errors.js'
import { libc } from './libc.js'

/** A file descriptor of the kernel that is closed once. Everything in this package that owns one holds it so. */
export class FileDescriptor {
  readonly #what: string
  #number: number | undefined

  /**
   * @param number as the kernel gave it
   * @param what what it is of, for the message when it is used after `close`: `map events`
   */
  constructor(number: number, what: string) {
    this.#number = number
    this.#what = what
  }

  /**
   * Its number.
   *
   * @throws {ClosedError} after `close`
   */
  get number(): number {
    if (this.#number === undefined) throw new ClosedError(`Cannot use ${this.#what}: it is closed`)
    return this.#number
  }

  get closed(): boolean {
    return this.#number === undefined
  }

  /** Closes it; a second time does nothing. */
  close(): void {
    if (this.#number !== undefined) libc().close(this.#number)
    this.#number = undefined
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
