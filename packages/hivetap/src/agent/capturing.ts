import type { Account } from '../stream/sink.js'
import type { Recorder } from './recorder.js'

/** How a capture goes on. */
export interface CaptureOptions {
  /**
   * How long events gather before they are recorded, milliseconds: a wake costs as much as some milliseconds of events. The
   * buffer must hold what comes meanwhile.
   */
  readonly lingerMs: number
  /** How often the account is recorded, milliseconds. */
  readonly accountEveryMs: number
}

/** What records events, and the account of them: an epoch, or a part of one. */
export interface Capturing {
  readonly recorder: Recorder
  /** The account of each tool. */
  accounts(ended: boolean): readonly Account[]
  /**
   * Records events, and now and then the account, until `signal` aborts. What was read by then has until `patience` aborts to
   * be taken by the spool; then it is declared as lost.
   */
  run(signal: AbortSignal, patience: AbortSignal): Promise<void>
  /**
   * Ends the epoch: detaches the tools, records what they had still to say, and the account. What cannot be recorded before
   * `patience` aborts is in the account as lost.
   *
   * @returns the account of each tool
   */
  end(patience: AbortSignal): Promise<readonly Account[]>
  /** Leaves the epoch to the next process, which goes on with it: records the account so far. Absent where none can. */
  leave?(patience: AbortSignal): Promise<readonly Account[]>
  /** Gives back what it holds. */
  close(): void
}
