import type { z } from 'zod'
import type { Alert, AlertSink } from '../../detect/alert.js'

/** What a sink of alerts is made with, besides its own part of the configuration. */
export interface AlertSinkContext {
  /** The host that tells. */
  readonly node: string
  /** Says something in the log that the sink can only know itself: that one of several servers is away, a secret that was read anew. */
  note(message: string, details?: Readonly<Record<string, unknown>>): void
}

/** A sink that takes up again what was open when the process before this one ended. */
export interface ResumableAlertSink extends AlertSink {
  /** Alerts that are open now, from before: they go on being told as open. Given before the first `tell`. */
  resume(open: readonly Alert[]): void
}

/** Whether a sink wants to know of alerts that are open from before. */
export function isResumable(sink: AlertSink): sink is ResumableAlertSink {
  return 'resume' in sink && typeof sink.resume === 'function'
}

/** A kind of sink for alerts; configurations are the union of their schemas. */
export interface AlertSinkKind<C extends z.ZodObject> {
  /** What `type` says in a configuration. */
  readonly type: string
  /** Strict, with `type` and `name`; each key described. */
  readonly config: C
  /**
   * Makes one; loads what it takes only now.
   *
   * @throws {Error} that says what of the configuration cannot be used: a template, a compression
   */
  create(config: z.infer<C>, context: AlertSinkContext): Promise<AlertSink>
}
