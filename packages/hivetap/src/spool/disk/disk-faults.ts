/** What a spool asks of its disk: each fails, and works again, by itself. */
export const DISK_TASKS = ['write', 'read', 'sync', 'state', 'remove'] as const
export type DiskTask = (typeof DISK_TASKS)[number]

/** How long nothing may fail before the disk is taken to work again: milliseconds. */
const QUIET_MS = 5000

/** What the disk did not do. */
export interface DiskFault {
  readonly task: DiskTask
  /** The file, or the directory, that it was last. */
  readonly path: string
  /** What the operating system said last. */
  readonly error: unknown
  /** Times since the spool was opened. */
  readonly times: number
  /** When this stretch of failures began, and when it was last: milliseconds since 1970. */
  readonly sinceMs: number
  readonly lastMs: number
  /** Whether it goes on; else it is past: the disk has worked since, and nothing has failed for some seconds. */
  readonly failing: boolean
}

interface Known extends Omit<DiskFault, 'failing'> {
  /** By a clock that is never set. */
  lastAt: number
  worked: boolean
}

/** What of a disk fails: of each task the last. */
export class DiskFaults {
  readonly #known = new Map<DiskTask, Known>()
  readonly #now: () => number

  /** @param now a clock that is never set, in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** A task failed, at a file. */
  failed(task: DiskTask, path: string, error: unknown): void {
    const before = this.#known.get(task)
    const nowMs = Date.now()
    const sinceMs = before !== undefined && this.#isFailing(before) ? before.sinceMs : nowMs
    const times = this.times(task) + 1
    this.#known.set(task, {
      ...{ task, path, error, times, sinceMs, lastMs: nowMs },
      ...{ lastAt: this.#now(), worked: false },
    })
  }

  /** A task was done. What is written can be read back elsewhere too: nothing may be left that is read of what could not be. */
  worked(task: DiskTask): void {
    this.#didWork(task)
    if (task === 'write') this.#didWork('read')
  }

  /** How often a task failed. */
  times(task: DiskTask): number {
    return this.#known.get(task)?.times ?? 0
  }

  /** Of each task that ever failed the last, those that were last first. */
  get all(): readonly DiskFault[] {
    return [...this.#known.values()]
      .toSorted((a, b) => b.lastAt - a.lastAt)
      .map((known) => {
        const { task, path, error, times, sinceMs, lastMs } = known
        return { task, path, error, times, sinceMs, lastMs, failing: this.#isFailing(known) }
      })
  }

  #didWork(task: DiskTask): void {
    const known = this.#known.get(task)
    if (known !== undefined) known.worked = true
  }

  #isFailing({ worked, lastAt }: Known): boolean {
    return !worked || this.#now() - lastAt < QUIET_MS
  }
}
