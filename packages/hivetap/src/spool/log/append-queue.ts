import type { FramePlan } from '../codec/frame.js'
import type { LossReason, SpoolBatch } from '../spool.js'

/** A batch that waits for room. */
export interface WaitingAppend {
  readonly batch: SpoolBatch
  readonly plan: FramePlan
  readonly signal: AbortSignal
  /** Why it is lost, if it is refused in the end. */
  reason: LossReason
  resolve(accepted: boolean): void
  reject(error: unknown): void
}

/**
 * Batches that wait for room, in the order in which they came. One whose signal aborts is answered at once; it keeps its
 * turn, so that its loss stands where it would have stood.
 */
export class AppendQueue {
  readonly #waiting: WaitingAppend[] = []

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  get first(): WaitingAppend | undefined {
    return this.#waiting[0]
  }

  removeFirst(): void {
    this.#waiting.shift()
  }

  /** @param onAbort called when the signal aborts, after the answer */
  add(
    append: Pick<WaitingAppend, 'batch' | 'plan' | 'reason'>,
    signal: AbortSignal,
    onAbort: () => void,
  ): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const aborted = () => {
        resolve(false)
        onAbort()
      }
      const answer = <A>(then: (value: A) => void) => {
        return (value: A) => {
          signal.removeEventListener('abort', aborted)
          then(value)
        }
      }
      this.#waiting.push({ ...append, signal, resolve: answer(resolve), reject: answer(reject) })
      if (signal.aborted) aborted()
      else signal.addEventListener('abort', aborted, { once: true })
    })
  }
}
