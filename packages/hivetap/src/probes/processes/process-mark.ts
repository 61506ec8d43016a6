/** What the kernel's programs read of a process when it did something: process-mark.h. */
export interface ProcessMark {
  /** When it began, CLOCK_BOOTTIME in nanoseconds, to 128 of them; 0 where that could not be read. */
  readonly processStartNs: number
  /** Where the arguments of its program lie in its memory: elsewhere once it is another; 0 where that could not be read. */
  readonly argumentsAt: number
}
