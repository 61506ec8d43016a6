import { closeSync, fsync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import type { WriteFile } from './write-file.js'

const syncDescriptor = promisify(fsync)

/**
 * When what was written is brought to the medium. A crash of the process loses nothing either way: this is for a host
 * that loses power.
 */
export type FsyncMode = 'never' | 'interval' | 'always'

/** Brings segments to the medium, as it was asked for. */
export class Syncing {
  readonly #dir: string
  readonly #mode: FsyncMode
  readonly #timer: NodeJS.Timeout | undefined
  /** The file that was written last. */
  #file: WriteFile | undefined
  /** Of files that were sealed, and of the directory. */
  readonly #underWay = new Set<Promise<void>>()
  #errors = 0
  #lastError: unknown

  constructor(dir: string, mode: FsyncMode, intervalMs: number) {
    this.#dir = dir
    this.#mode = mode
    if (mode === 'interval')
      this.#timer = setInterval(
        () => this.#file !== undefined && this.#run(this.#file.sync()),
        intervalMs,
      ).unref()
  }

  /** Syncs that failed: what they were to bring to the medium may not outlive the host. */
  get errors(): number {
    return this.#errors
  }

  /** Of these, the last. */
  get lastError(): unknown {
    return this.#lastError
  }

  /** A batch was written to a file: what its append waits for. */
  afterWrite(file: WriteFile | undefined): Promise<void> | undefined {
    this.#file = file
    if (this.#mode !== 'always') return undefined
    if (file?.isDirty) this.#run(file.sync())
    return this.#settled()
  }

  /** A file was created: its name is brought to the medium too. */
  created(): void {
    if (this.#mode !== 'never') this.#run(this.#syncDirectory())
  }

  /** A file takes no more. */
  sealed(file: WriteFile): void {
    if (this.#mode !== 'never') this.#run(file.sync())
    file.close()
    if (this.#file === file) this.#file = undefined
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#settled()
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  #run(sync: Promise<void>): void {
    const counted = sync
      .catch((error: unknown) => {
        this.#errors++
        this.#lastError = error
      })
      .finally(() => this.#underWay.delete(counted))
    this.#underWay.add(counted)
  }

  async #syncDirectory(): Promise<void> {
    const fd = openSync(this.#dir, 'r')
    try {
      await syncDescriptor(fd)
    } finally {
      closeSync(fd)
    }
  }
}
