import type { Balance } from '../probes/balance.js'

/** The account of a tool. */
export interface Account {
  /** The tool's name. */
  readonly tool: string
  readonly balance: Balance
  /** Whether it is closed: nothing more is to come. */
  readonly ended: boolean
}

/** Where events go. One batch at a time: `beginBatch`, `take` for each event, `flush`. */
export interface Sink<E> {
  /** Whether nothing more can be delivered, ever: its reader is gone. */
  readonly closed: boolean
  /** Events delivered. */
  readonly delivered: number
  /** What stands before the first event. */
  open(signal: AbortSignal): Promise<void>
  beginBatch(): void
  /** Takes one event of the batch; the event is not kept. */
  take(event: E): void
  /** Takes the account so far, between batches, for readers that are programs; others are told otherwise. */
  account(account: Account): void
  /** Delivers the batch, waiting for as long as the far end takes, or until `signal` aborts; then it keeps the rest. */
  flush(signal: AbortSignal): Promise<void>
  close(): void
}
