import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'

const dataSync = promisify(fdatasync)

/** Files of a spool are for its owner alone. */
export const FILE_MODE = 0o600

/** A file that is written at given places. It is closed once no sync of it is under way. */
export class WriteFile {
  readonly path: string
  readonly fd: number
  #syncs = 0
  #dirty = false
  #closed = false

  /** @param flags `wx` for one that must not be there, `r+` for one that must */
  constructor(path: string, flags: 'wx' | 'r+') {
    this.path = path
    this.fd = openSync(path, flags, FILE_MODE)
  }

  /** Whether something was written that was not synced since. */
  get isDirty(): boolean {
    return this.#dirty
  }

  /** Writes all of it; a write that is cut short is continued, since only the next says why. */
  write(bytes: Uint8Array, offset: number): void {
    // The descriptor's number may be another file's by now.
    if (this.#closed) throw new Error('Cannot write to a file that is closed')
    this.#dirty = true
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.fd, bytes, done, bytes.length - done, offset + done)
  }

  truncate(size: number): void {
    ftruncateSync(this.fd, size)
  }

  /** Brings what was written to the medium; if that fails, the next is to try it again. @returns whether there was something */
  async sync(): Promise<boolean> {
    if (this.#closed || !this.#dirty) return false
    this.#syncs++
    this.#dirty = false
    try {
      await dataSync(this.fd)
      return true
    } catch (error) {
      this.#dirty = true
      throw error
    } finally {
      this.#syncs--
      if (this.#closed && this.#syncs === 0) closeSync(this.fd)
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#syncs === 0) closeSync(this.fd)
  }
}
