/** What tells one process from all others of its host, whatever pid they have. */
export interface ProcessIdentity {
  /** When it began: RFC 3339, UTC, milliseconds; where only /proc tells of it, to a hundredth of a second. */
  readonly start: string
}

/** Tells which process did what an event tells. */
export interface ProcessSource {
  /**
   * The same object as long as it tells the same: texts are made once for each.
   *
   * @param startNs when it began, CLOCK_BOOTTIME in nanoseconds; 0 where the kernel's programs could not read it
   * @param timeNs when it did what is told, CLOCK_MONOTONIC
   */
  of(pid: number, startNs: number, timeNs: number): ProcessIdentity | undefined
}
