import type { Watch } from '../../sinks/detect/watch.js'

/** What a source is given besides. */
export interface SourceContext {
  /** How far it was read before, as it said itself; `undefined` the first time. */
  readonly position: unknown
  /** Aborts when it is to end. */
  readonly signal: AbortSignal
  /** Prints what waits to be printed. */
  flush(): Promise<void> | undefined
}

/** Reads connects from somewhere and has a watch look at them, until there is no more. @throws {InputError} if it cannot */
export type Source = (watch: Watch, context: SourceContext) => Promise<void>

/** How often time goes on while nothing is read, and how often what is remembered is saved: milliseconds. */
export const TICK_MS = 250
export const SAVE_MS = 60_000
