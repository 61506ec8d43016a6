import type { SpoolState } from '../codec/state.js'
import type { Keeper } from '../log/keeper.js'
import type { DiskFaults } from './disk-faults.js'
import type { StateFile } from './state-file.js'

/** How late what readers acknowledge is written, at most: milliseconds. */
const LATE_MS = 200

/** Keeps a spool's state in its file. */
export class StateKeeper implements Keeper {
  readonly #file: StateFile
  readonly #sync: boolean
  readonly #state: () => Omit<SpoolState, 'generation'>
  readonly #faults: DiskFaults
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /**
   * @param sync whether the medium is waited for where order matters
   * @param faults is told when it could not be written: what a crash then loses of it is read twice, or told with another reason
   */
  constructor(
    file: StateFile,
    sync: boolean,
    state: () => Omit<SpoolState, 'generation'>,
    faults: DiskFaults,
  ) {
    this.#faults = faults
    this.#file = file
    this.#sync = sync
    this.#state = state
  }

  save(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // A reader may still acknowledge what it had: too late to be kept, so it is read again.
    if (this.#closed) return
    try {
      this.#file.write(this.#state())
      this.#faults.worked('state')
    } catch (error) {
      this.#failed(error)
      this.saveSoon()
    }
  }

  saveSoon(): void {
    if (this.#closed) return
    this.#timer ??= setTimeout(() => this.save(), LATE_MS).unref()
  }

  saveDurably(done: () => void): void {
    this.save()
    if (this.#sync) void this.#synced().then(done)
    else done()
  }

  /** Both slots then hold the same: none of them is needed for what the other says. */
  async close(): Promise<void> {
    this.save()
    this.save()
    clearTimeout(this.#timer)
    this.#closed = true
    if (this.#sync) await this.#synced()
    try {
      this.#file.close()
    } catch (error) {
      this.#failed(error)
    }
  }

  async #synced(): Promise<void> {
    try {
      await this.#file.sync()
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.#faults.failed('state', this.#file.path, error)
  }
}
