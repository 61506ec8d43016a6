import type { SpoolState } from '../codec/state.js'
import type { Keeper } from '../log/keeper.js'
import type { StateFile } from './state-file.js'

/** How late what readers acknowledge is written, at most: milliseconds. */
const LATE_MS = 200

/** Keeps a spool's state in its file. */
export class StateKeeper implements Keeper {
  readonly #file: StateFile
  readonly #sync: boolean
  readonly #state: () => Omit<SpoolState, 'generation'>
  #timer: NodeJS.Timeout | undefined
  #errors = 0
  #lastError: unknown
  #closed = false

  /** @param sync whether the medium is waited for where order matters */
  constructor(file: StateFile, sync: boolean, state: () => Omit<SpoolState, 'generation'>) {
    this.#file = file
    this.#sync = sync
    this.#state = state
  }

  /** Times that it could not be written: what a crash then loses of it is read twice, or told with another reason. */
  get errors(): number {
    return this.#errors
  }

  /** Of these, the last. */
  get lastError(): unknown {
    return this.#lastError
  }

  save(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // A reader may still acknowledge what it had: too late to be kept, so it is read again.
    if (this.#closed) return
    try {
      this.#file.write(this.#state())
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
    this.#file.close()
  }

  async #synced(): Promise<void> {
    try {
      await this.#file.sync()
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.#errors++
    this.#lastError = error
  }
}
