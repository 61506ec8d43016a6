import { type BatchOptions, linkExists, type RetainedRecords } from '@hivetap/bpf'
import type { Balance } from '../probes/balance.js'
import { balanceOf, sumLedgers } from '../probes/ledger.js'
import type { SharedDecoder, TracedEvent } from '../probes/shared-events.js'
import type { HowOpened } from './build-run.js'
import type { FoundTool } from './find-tool.js'
import type { Progress, ProgressMap, ToolProgress } from './progress.js'

/** How a run came to be in this process's hands. */
export type RunState =
  /** It begins: nothing was pinned. */
  | 'new'
  /** It goes on: what is pinned is what was asked for. */
  | 'adopted'
  /** It is to be ended: what is pinned is something else, and goes on until then. */
  | 'retired'

/** What a run is made of. */
export interface RunParts {
  readonly state: RunState
  readonly reason?: string | undefined
  readonly epoch: string
  readonly since: number
  readonly tools: readonly FoundTool[]
  readonly opened?: readonly HowOpened[] | undefined
  readonly records: RetainedRecords<TracedEvent>
  readonly decoder: SharedDecoder
  readonly progress: ProgressMap
  /** What is to be handed on next; absent of a run that a hivetap of before began. */
  readonly intended: ProgressMap | undefined
  /** Removes the pins of all links: those that are open are detached when they are closed. */
  readonly unlink: () => void
  /** Removes what is pinned. */
  readonly remove: () => void
  /** Lets go of all that is open. */
  readonly close: () => void
}

/** Events that one call of `read` goes over at most, unless told. */
const READ_LIMIT = 4096
/** How long is waited for links to go, and for programs that still run to have said what they had to. */
const PATIENCE_MS = 2000
const PAUSE_MS = 5
/** How long a detached program may still run, where the kernel may not be asked. */
const GRACE_MS = 100

/**
 * Tools whose programs, buffer and accounts live on in the kernel without this process: an epoch, read by one process after
 * the other. Whatever is read is handed on first (to a spool on disk) and then released; a process that is killed between the
 * two leaves what the next one passes over by `resume`.
 */
export class PinnedRun {
  readonly #parts: RunParts
  /** What came of each tool's events, of all that was read so far, but for what the decoder counts. */
  #unwanted: number[]
  /** What is left out besides what tools' options say, by the tool's index. */
  readonly #filters = new Map<number, (event: unknown) => boolean>()
  /** The same as it stands in the kernel: up to what was released. */
  #saved: Progress
  /** Where reading stopped, and what had come of it until then: of what is not released. */
  #checkpoints: Progress[] = []

  /** @throws {InvalidSpecError} if the buffer is not what the account belongs to; {SystemCallError} */
  constructor(parts: RunParts) {
    this.#parts = parts
    const stored = parts.progress.get(0)
    this.#saved = {
      position: stored?.position ?? 0n,
      tools: parts.tools.map(
        (_, index) => stored?.tools[index] ?? { received: 0, malformed: 0, unwanted: 0 },
      ),
    }
    // The account is written before the room is given back: a process may have been killed between the two.
    if (this.#saved.position > parts.records.position) parts.records.seek(this.#saved.position)
    parts.records.release(parts.records.position)
    for (const [index, { received, malformed }] of this.#saved.tools.entries())
      Object.assign(parts.decoder.receipts[index] ?? {}, { received, malformed })
    this.#unwanted = this.#saved.tools.map(({ unwanted }) => unwanted)
  }

  get state(): RunState {
    return this.#parts.state
  }

  /** Why it is retired. */
  get reason(): string | undefined {
    return this.#parts.reason
  }

  /** The epoch that began when its programs were attached: a UUID. */
  get epoch(): string {
    return this.#parts.epoch
  }

  /** When it began: milliseconds since 1970, UTC. */
  get since(): number {
    return this.#parts.since
  }

  get tools(): readonly FoundTool[] {
    return this.#parts.tools
  }

  /** Of a new one, how each tool was opened. */
  get opened(): readonly HowOpened[] | undefined {
    return this.#parts.opened
  }

  /** How far the buffer was read: what is handed on up to here may be released. It only grows, in all processes of an epoch. */
  get position(): bigint {
    return this.#parts.records.position
  }

  /** Bytes of the buffer. */
  get capacity(): number {
    return this.#parts.records.capacity
  }

  /**
   * Leaves out events of a tool besides those that its options leave out: of what is read from now on.
   *
   * @param wanted is asked of each event once, and may answer otherwise the next time
   */
  filter(toolIndex: number, wanted: (event: unknown) => boolean): void {
    this.#filters.set(toolIndex, wanted)
  }

  /**
   * Goes on behind what the process before has handed on, before anything is read. The spool says up to where that is;
   * a position that lies before what was released is passed over.
   *
   * @returns how many events it had handed on without releasing them
   * @throws {InvalidSpecError} if the position is of another epoch
   */
  resume(position: bigint): number {
    if (position <= this.position) return 0
    const before = this.#deliveredNow()
    this.#reading(() => {
      const count = this.#parts.records.seek(position, (traced) => {
        if (this.#byOptions(traced)) this.#countUnwanted(traced)
      })
      // What the process before has left out by what it knew then stands there.
      const intended = this.#parts.intended?.get(0)
      if (intended?.position === position)
        this.#unwanted = this.tools.map((_, index) => intended.tools[index]?.unwanted ?? 0)
      return count
    })
    const events = this.#deliveredNow() - before
    this.release(this.position)
    return events
  }

  /** Resolves when there is something to read: `RecordBuffer.wait`. */
  wait(options?: BatchOptions): Promise<void> {
    return this.#parts.records.wait(options)
  }

  /** Ends a wait. */
  wake(): void {
    this.#parts.records.wake()
  }

  /**
   * Hands over events that were not handed over yet, as they lie in the buffer: what several CPUs wrote at one time need not
   * be in the order of its times. What only user space leaves out is passed over.
   *
   * @returns how many it went over, with those: 0 if nothing was there
   */
  read(take: (event: TracedEvent) => void, limit = READ_LIMIT): number {
    return this.#reading(() =>
      this.#parts.records.drain((traced) => {
        if (this.#isWanted(traced)) take(traced)
      }, limit),
    )
  }

  /**
   * What was read up to a position, which was one of `position` after a `read`, is about to be kept elsewhere, all of it or
   * none: whoever goes on there after a process that was killed meanwhile knows what of it was left out.
   *
   * @throws {SystemCallError}
   */
  intend(position: bigint): void {
    const at = this.#checkpoints.find((checkpoint) => checkpoint.position === position)
    if (at !== undefined) this.#parts.intended?.set(0, at)
  }

  /**
   * What was read up to a position, which was one of `position` after a `read`, is kept elsewhere: it is added to the account
   * and its room is given back to the kernel, in this order.
   *
   * @throws {InvalidSpecError} if it was not read that far; {SystemCallError}
   */
  release(position: bigint): void {
    const reached = this.#checkpoints.filter((checkpoint) => checkpoint.position <= position)
    const last = reached.at(-1)
    if (last !== undefined) {
      this.#parts.progress.set(0, last)
      this.#saved = last
      this.#checkpoints = this.#checkpoints.slice(reached.length)
    }
    this.#parts.records.release(position)
  }

  /**
   * The account of each tool since the epoch began, in the order of `tools`: what was released is delivered. `undefined`
   * where another hivetap keeps it otherwise.
   *
   * @param ended whether `detach` was called, and all that the programs said was read
   */
  balances(ended = false): readonly (Balance | undefined)[] {
    const now = this.#now()
    return this.tools.map(({ parts }, index) => {
      const saved = this.#saved.tools[index]
      const read = now.tools[index]
      if (parts === undefined || saved === undefined || read === undefined) return undefined
      const missedRuns = parts.programs.reduce((sum, program) => sum + program.statistics().missed, 0)
      const delivered = saved.received - saved.unwanted
      return balanceOf(sumLedgers(parts.ledgers.get(0) ?? []), { ...read, delivered, ended }, missedRuns)
    })
  }

  /** Records of each tool that no event could be read from: of a retired one, all that another hivetap lays out otherwise. */
  get unreadable(): readonly number[] {
    return this.#now().tools.map(({ malformed }) => malformed)
  }

  /** Detaches the programs, and waits until the kernel does not run them any more. What they said can still be read. */
  async detach(): Promise<void> {
    const ids: number[] = []
    this.#parts.unlink()
    for (const { parts } of [...this.tools].reverse()) {
      ids.push(...(parts?.linkIds ?? []))
      // What is attached first sees beginnings: without it, the others would tell of ends alone.
      for (const link of [...(parts?.links ?? [])].reverse()) link.close()
    }
    const end = performance.now() + PATIENCE_MS
    while (ids.some((id) => linkExists(id) === true) && performance.now() < end) await pause(PAUSE_MS)
    const unsure = this.tools.some(({ parts }) => parts === undefined)
    if (unsure || ids.some((id) => linkExists(id) === undefined)) await pause(GRACE_MS)
  }

  /**
   * What is left to read once it is detached, a batch at a time: whoever has handed one on releases it, up to `position`, and
   * asks for the next. When it is over, `balances(true)` is exact.
   */
  async *rest(limit = READ_LIMIT): AsyncGenerator<readonly TracedEvent[], void, void> {
    let end = performance.now() + PATIENCE_MS
    for (;;) {
      const batch: TracedEvent[] = []
      if (this.read((event) => batch.push(event), limit) > 0) {
        end = performance.now() + PATIENCE_MS
        yield batch
      } else if (this.#isSettled() || performance.now() > end) {
        // Records that no event could be read from may have come last.
        yield []
        return
      } else await pause(PAUSE_MS)
    }
  }

  /** Removes all that is pinned, and lets go of it: what was not detached is, and what was not read is lost. */
  remove(): void {
    this.#parts.remove()
    this.close()
  }

  /** Lets go of it: the programs go on, for the next process. */
  close(): void {
    for (const { parts } of this.tools) parts?.close()
    this.#parts.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #isWanted(traced: TracedEvent): boolean {
    const isLeftOut = this.#byOptions(traced) || this.#filters.get(traced.toolIndex)?.(traced.event) === false
    if (isLeftOut) this.#countUnwanted(traced)
    return !isLeftOut
  }

  /** Whether the tool's options leave it out: of an event always, or never. */
  #byOptions({ toolIndex, event }: TracedEvent): boolean {
    return this.tools[toolIndex]?.wanted?.(event) === false
  }

  #countUnwanted({ toolIndex }: TracedEvent): void {
    this.#unwanted[toolIndex] = (this.#unwanted[toolIndex] ?? 0) + 1
  }

  #deliveredNow(): number {
    return this.#now().tools.reduce((sum, { received, unwanted }) => sum + received - unwanted, 0)
  }

  /** Reads, and remembers what has come of it so far, also if whoever takes it throws. */
  #reading(read: () => number): number {
    const before = this.position
    try {
      return read()
    } finally {
      if (this.position !== before) this.#checkpoints.push(this.#now())
    }
  }

  #now(): Progress {
    const tools = this.#parts.decoder.receipts.map(
      ({ received, malformed }, index): ToolProgress => ({
        received,
        malformed,
        unwanted: this.#unwanted[index] ?? 0,
      }),
    )
    return { position: this.position, tools }
  }

  /** Whether all that the programs put into the buffer was read. */
  #isSettled(): boolean {
    const read = this.#now().tools.reduce((sum, { received, malformed }) => sum + received + malformed, 0)
    let said = 0
    for (const { parts } of this.tools) {
      if (parts === undefined) return true
      const { events, bufferFull } = sumLedgers(parts.ledgers.get(0) ?? [])
      said += events - bufferFull
    }
    return said <= read
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
