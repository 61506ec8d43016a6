import type { Readiness } from '../sys/readiness.js'
import { BATCH_LIMIT, type BatchOptions, DRAIN_LIMIT, type RecordBuffer } from './record-buffer.js'

/** Bytes that a record takes in a buffer at least: its header. */
const LEAST_RECORD_SIZE = 8

/** Wakes that follow each other faster than this are spaced. */
const FOLLOWS_MS = 1
/** How far at most. */
const MOST_SPACING_MS = 4
/** How far in a storm, where nobody reads along: a wake costs as much as some dozen records. */
const MOST_STORM_SPACING_MS = 16
/** Bytes of records a millisecond that are a storm: some thousand records a second. */
const STORM_BYTES_A_MS = 512
/** How much of a buffer may be full, while more is left to come. */
const GATHERING_SHARE = 1 / 8
/** How long a look for more is put off at most, while records are held back whose room would have the kernel wake. */
const MOST_NAP_MS = 32
/** Up to how much spaces grow: what comes meanwhile may become more, but not that fast. */
const GROWING_SHARE = GATHERING_SHARE / 4

/** What ring buffer and perf buffer have in common: waiting and batches. */
export abstract class BufferBase<T> implements RecordBuffer<T> {
  abstract readonly kind: 'ringbuf' | 'perf'
  abstract readonly capacity: number
  received = 0
  lost = 0
  malformed = 0
  readonly #readiness: Readiness
  #closed = false
  #draining = false
  /** The signal that is listened to as long as the buffer is open: whoever reads it has one. */
  #signal: AbortSignal | undefined
  /** When the last wait ended, by performance.now(). */
  #woken = Number.NEGATIVE_INFINITY
  /** How long records are left to gather, as they follow each other; 0 where they do not. */
  #spacingMs = 0
  /** Whether `wake` was called during this wait. */
  #called = false
  /** Ends a nap. */
  #rouse: (() => void) | undefined

  constructor(readiness: Readiness) {
    this.#readiness = readiness
  }

  /** `drain` on a buffer that is open and not being drained. After each record it must look whether it still is open. */
  protected abstract drainOpen(take: (record: T) => void, limit: number): number

  drain(take: (record: T) => void, limit: number = DRAIN_LIMIT): number {
    if (this.#closed || this.#draining) return 0
    this.#draining = true
    try {
      return this.drainOpen(take, limit)
    } finally {
      this.#draining = false
    }
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * Which share of it is full, where more may be left to come before it is drained: without being woken for each record, and
   * without loss. 1 where it may not.
   */
  protected abstract filled(): number

  /** Which share of it the kernel cannot write to: what is there to be read, and what was read and is held back. */
  protected occupied(): number {
    return this.filled()
  }

  /** Whether records were read whose room was not given back: the kernel does not wake then. */
  protected held(): boolean {
    return false
  }

  /** Room was given back. */
  protected wakeHeld(): void {
    this.#rouse?.()
  }

  async wait({ signal }: BatchOptions = {}): Promise<void> {
    if (this.#closed || signal?.aborted === true) return
    this.#called = false
    // As long as records keep coming the kernel is not asked: it would say so at once, and to listen costs system calls.
    const gathered = this.#spacingMs > 0 && (await this.#gather(signal))
    if (!gathered && !(this.held() && (await this.#foundBehindHeld(signal)))) {
      await this.#untilReady(signal)
      if (performance.now() - this.#woken < FOLLOWS_MS) {
        this.#spacingMs = 1
        await this.#gather(signal)
      }
    }
    this.#woken = performance.now()
  }

  /** Lets records gather. @returns whether some did, or nobody waits for them any more */
  async #gather(signal: AbortSignal | undefined): Promise<boolean> {
    const spacing = this.#spacingMs
    this.#spacingMs = 0
    if (this.#closed || this.occupied() >= GATHERING_SHARE) return false
    await new Promise((resolve) => setTimeout(resolve, spacing))
    if (this.#closed || this.#called || signal?.aborted === true) return true
    const filled = this.filled()
    if (filled === 0) return false
    const isStorm = filled * this.capacity > STORM_BYTES_A_MS * spacing
    const most = isStorm ? MOST_STORM_SPACING_MS : MOST_SPACING_MS
    this.#spacingMs = filled > GROWING_SHARE ? 1 : Math.min(2 * spacing, most)
    return true
  }

  /**
   * Looks for more as long as records are held back: the kernel wakes for a record that comes right behind what was given
   * back, and to whoever asks it says that there is something, which is what is held.
   *
   * @returns whether there is more, or nobody waits for it any longer
   */
  async #foundBehindHeld(signal: AbortSignal | undefined): Promise<boolean> {
    let nap = FOLLOWS_MS
    while (this.held()) {
      if (this.filled() > 0 || this.#called || signal?.aborted === true) return true
      await this.#nap(nap, signal)
      if (this.#closed) return true
      nap = Math.min(2 * nap, MOST_NAP_MS)
    }
    return this.#called || signal?.aborted === true
  }

  async #nap(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    let rouse = () => {}
    const slept = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      rouse = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#rouse = rouse
    signal?.addEventListener('abort', rouse, { once: true })
    await slept
    signal?.removeEventListener('abort', rouse)
    this.#rouse = undefined
  }

  wake(): void {
    this.#called = true
    this.#rouse?.()
    if (!this.#closed) this.#readiness.cancel()
  }

  async #untilReady(signal: AbortSignal | undefined): Promise<void> {
    const ready = this.#readiness.wait()
    if (signal === undefined || this.#heeds(signal)) return ready
    signal.addEventListener('abort', this.#cancel, { once: true })
    try {
      await ready
    } finally {
      signal.removeEventListener('abort', this.#cancel)
    }
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<readonly T[], void, void> {
    // Writers may be as fast as the reader: after an abort no more is read than can have been there by then.
    let left = Number.POSITIVE_INFINITY
    while (!this.#closed && left > 0) {
      const aborted = options.signal?.aborted === true
      if (aborted) left = Math.min(left, this.capacity / LEAST_RECORD_SIZE)
      const batch: T[] = []
      this.drain((record) => batch.push(record), Math.min(BATCH_LIMIT, left))
      left -= batch.length
      if (batch.length > 0) yield batch
      else if (aborted) return
      else await this.wait(options)
    }
  }

  close(): void {
    this.#closed = true
    this.#signal?.removeEventListener('abort', this.#cancel)
    this.#signal = undefined
    this.#rouse?.()
    this.#readiness.close()
  }

  readonly #cancel = (): void => this.#readiness.cancel()

  /** Whether waits end by this signal without more ado: to listen anew for each wait costs more than the wait. */
  #heeds(signal: AbortSignal): boolean {
    if (this.#signal === undefined || this.#signal.aborted) {
      this.#signal = signal
      signal.addEventListener('abort', this.#cancel, { once: true })
    }
    return this.#signal === signal
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
