import { closeSync, fsync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import type { DiskFaults } from './disk-faults.js'
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
  readonly #faults: DiskFaults
  readonly #timer: NodeJS.Timeout | undefined
  /** The file that was written last. */
  #file: WriteFile | undefined
  /** Of files that were sealed, and of the directory. */
  readonly #underWay = new Set<Promise<void>>()

  /** @param faults is told of syncs that failed: what they were to bring to the medium may not outlive the host */
  constructor(dir: string, mode: FsyncMode, intervalMs: number, faults: DiskFaults) {
    this.#faults = faults
    this.#dir = dir
    this.#mode = mode
    if (mode === 'interval')
      this.#timer = setInterval(
        () => this.#file !== undefined && this.#syncFile(this.#file),
        intervalMs,
      ).unref()
  }

  /** A batch was written to a file: what its append waits for. */
  afterWrite(file: WriteFile | undefined): Promise<void> | undefined {
    this.#file = file
    if (this.#mode !== 'always') return undefined
    if (file?.isDirty) this.#syncFile(file)
    return this.#settled()
  }

  /** A file was created: its name is brought to the medium too. */
  created(): void {
    if (this.#mode !== 'never') this.#run(this.#syncDirectory(), this.#dir)
  }

  /** A file takes no more. */
  sealed(file: WriteFile): void {
    if (this.#mode !== 'never') this.#syncFile(file)
    try {
      file.close()
    } catch (error) {
      // Some file systems say only then what they could not write.
      this.#faults.failed('sync', file.path, error)
    }
    if (this.#file === file) this.#file = undefined
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#settled()
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  #syncFile(file: WriteFile): void {
    this.#run(file.sync(), file.path)
  }

  #run(sync: Promise<boolean>, path: string): void {
    const counted: Promise<void> = sync
      .then((isDone) => {
        if (isDone) this.#faults.worked('sync')
      })
      .catch((error: unknown) => {
        this.#faults.failed('sync', path, error)
      })
      .finally(() => this.#underWay.delete(counted))
    this.#underWay.add(counted)
  }

  async #syncDirectory(): Promise<boolean> {
    const fd = openSync(this.#dir, 'r')
    try {
      await syncDescriptor(fd)
      return true
    } finally {
      closeSync(fd)
    }
  }
}
