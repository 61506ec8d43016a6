import type { z } from 'zod'
import type { LossReason, SpoolBatch } from '../spool/spool.js'

/** A record of a batch that a destination does not take, now or later. */
export interface Rejection {
  /** Its place in `records`. */
  readonly index: number
  readonly reason: LossReason
}

/** How large a batch may become. */
export interface BatchBound {
  readonly records: number
  /** Bytes of the records. */
  readonly bytes: number
}

/** Where batches go in the end: a broker, a file, a store. */
export interface Destination {
  /** What it is called in the configuration, in the log and in records of losses: unique among the destinations of an agent. */
  readonly name: string
  /** Batches that may be under way at once. */
  readonly window: number
  /** What it takes in one batch at most, if so much waits; without, what suits a broker. */
  readonly mostAtOnce?: BatchBound
  /**
   * Says whether it can be reached at all, before the first batch; needs not be called.
   *
   * @throws {DeliveryError}
   */
  open(signal: AbortSignal): Promise<void>
  /**
   * Says which batch is delivered next, most likely, while another is under way: what of the work needs no far end can be done
   * meanwhile. Throws nothing.
   */
  readAhead?(batch: SpoolBatch): void
  /**
   * Delivers a batch. Once it returns, the far end has it, but for what it names. Given the same batch again after an error,
   * it may deliver it twice: event ids tell.
   *
   * @returns records that it will never take
   * @throws {DeliveryError} if it could not: whoever calls tries the same batch again, or gives it up if it is fatal
   */
  deliver(batch: SpoolBatch, signal: AbortSignal): Promise<readonly Rejection[]>
  close(): Promise<void>
}

/** A destination that could not deliver. */
export class DeliveryError extends Error {
  /** A short name of what happened, for a counter: `broker_unreachable`, `authentication_failed`. */
  readonly kind: string
  /**
   * Whether it can pass by itself. What cannot is still tried again, slowly, since whoever mends it need not restart the
   * agent; but it is told as an error, not as a warning.
   */
  readonly passing: boolean

  constructor(
    kind: string,
    message: string,
    options: { readonly passing: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.kind = kind
    this.passing = options.passing
  }
}

/**
 * What was thrown, as the error of a delivery. What should not have been thrown is tried again, as what may pass.
 *
 * @param name of what threw it
 */
export function deliveryErrorOf(cause: unknown, name: string): DeliveryError {
  if (cause instanceof DeliveryError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new DeliveryError('unexpected', `${name} failed: ${message}`, { passing: true, cause })
}

/** What a destination is made with, besides its own part of the configuration. */
export interface DestinationContext {
  /** The host, as events name it. */
  readonly node: string
  /** Says something in the agent's log that it can only know itself: a secret that was read anew, a file that was rotated. */
  note(message: string, details?: Readonly<Record<string, unknown>>): void
}

/**
 * A kind of destination. Each has a folder of its own in `sinks/`, which exports one; the agent's configuration is the union
 * of their schemas.
 */
export interface DestinationKind<C extends z.ZodObject> {
  /** What `type` says in the configuration. */
  readonly type: string
  /** Strict, with `type` and `name`; each key described: `--help`, the published schema and docs/agent.md are made of it. */
  readonly config: C
  /** Makes one; loads what it takes (a client, a store) only now. */
  create(config: z.infer<C>, context: DestinationContext): Promise<Destination>
}
