import type { ProcessMark } from '../../probes/processes/process-mark.js'

/** What tells one process from all others of its host, whatever pid they have. */
export interface ProcessIdentity {
  /** When it began: RFC 3339, UTC, milliseconds; where only /proc tells of it, to a hundredth of a second. */
  readonly start: string
  /**
   * Path of its program, in the mount namespace that it was started from; ` (deleted)` behind it where the file was removed or
   * replaced. One too long to be told begins with `…/`. Absent where it was not noted, and /proc does not show it, or not of the
   * program that did what is told.
   */
  readonly executable?: string
}

/** Tells which process did what an event tells. */
export interface ProcessSource {
  /**
   * The same object as long as it tells the same: texts are made once for each.
   *
   * @param timeNs when it did what is told, CLOCK_MONOTONIC
   */
  of(pid: number, mark: ProcessMark, timeNs: number): ProcessIdentity | undefined
}
