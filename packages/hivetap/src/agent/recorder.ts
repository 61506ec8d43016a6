import type { EpochRecord } from '../delivery/records.js'
import type { Identify } from '../kubernetes/event-identity.js'
import type { CountedBy } from '../probes/connects/counted-once.js'
import type { TracedEvent } from '../probes/shared-events.js'
import type { AnyTool } from '../probes/tool.js'
import { EventIds, JsonLines } from '../sinks/json-lines.js'
import { WallClock } from '../sinks/wall-clock.js'
import type { Spool, SpoolRecord } from '../spool/spool.js'
import type { Account, Sink } from '../stream/sink.js'
import type { SummariesConfig, SummariesState } from './agent.js'
import { epochLine } from './epoch-line.js'
import { RecordEncoder } from './record-encoder.js'
import { SummaryRecords } from './summaries/summary-records.js'

/** A tool whose events are recorded. */
export interface RecordedTool {
  readonly tool: AnyTool
  /** Fields that cannot be filled, with what would. */
  readonly missing: ReadonlyMap<string, string>
  /** Of so many things one is told. */
  readonly sample?: number | undefined
  /** Says which other tool's event of the same connect counts instead; each counts, without. */
  readonly countedBy?: CountedBy | undefined
  /** What only user space can leave out; all is wanted without. */
  readonly wanted?: ((event: unknown) => boolean) | undefined
  /** Says whose an event is; lines do not, without. */
  readonly identify?: Identify<unknown> | undefined
}

/** A buffer of the kernel's that another process may go on reading. */
export interface Kept {
  /** How far it has been read. */
  readonly position: bigint
  /** The spool is about to take what was read so far. */
  intend(position: bigint): void
  /** The spool has what was read so far: the kernel may have the room. */
  release(position: bigint): void
}

/** Where a recorder writes, and under which names. */
export interface RecorderOptions {
  readonly spool: Spool
  /** What the spool is given at once, at most. */
  readonly batch: { readonly records: number; readonly bytes: number }
  readonly node: string
  readonly epoch: string
  /** The sequence of its first record. */
  readonly firstSequence: number
  /** Events among those before it. */
  readonly eventsBefore: number
  /** The kernel's buffer, where it outlives this process: what was read of it is recorded as one batch. */
  readonly kept?: Kept | undefined
  /** Which connects are told in summaries: none, without. Not where the kernel's buffer is kept. */
  readonly summaries?: SummariesConfig | undefined
}

/**
 * The end of an epoch's stream: gives every event, and every account, its number, and puts it into the spool. A number is
 * used up whether the spool takes the record or not; what it does not take, it declares.
 */
export class Recorder implements Sink<TracedEvent> {
  readonly closed = false
  readonly #options: RecorderOptions
  readonly #ids: EventIds
  readonly #clock = new WallClock()
  readonly #encoder = new RecordEncoder()
  readonly #tools: readonly RecordedTool[]
  readonly #lines: readonly JsonLines<unknown>[]
  readonly #summaries: SummaryRecords | undefined
  readonly #recorded: number[]
  readonly #unwanted: number[]
  #waitingSince: number | undefined
  #firstWaiting: number
  #events: number

  constructor(tools: readonly RecordedTool[], options: RecorderOptions) {
    const { epoch, firstSequence, eventsBefore, node: host } = options
    this.#options = options
    this.#tools = tools
    this.#ids = new EventIds(epoch, firstSequence)
    this.#firstWaiting = firstSequence
    this.#events = eventsBefore
    const shared = { clock: this.#clock, ids: this.#ids, host }
    this.#lines = tools.map(
      ({ tool, missing, sample, countedBy, identify }) =>
        new JsonLines(tool, { ...shared, missing, sample, countedBy, identify }),
    )
    const { summaries } = options
    if (summaries !== undefined)
      this.#summaries = new SummaryRecords(tools, summaries, { ids: this.#ids, host, encoder: this.#encoder })
    this.#recorded = tools.map(() => 0)
    this.#unwanted = tools.map(() => 0)
  }

  /** The epoch whose records these are. */
  get epoch(): string {
    return this.#ids.epoch
  }

  /** Sequences used up. */
  get sequences(): number {
    return this.#ids.sequences
  }

  /** Of these, events; those in summaries are none. */
  get delivered(): number {
    return this.#events
  }

  /** Bytes that are to be given to the spool with the next batch. */
  get waitingBytes(): number {
    return this.#encoder.bytes
  }

  /** How long the spool has not taken what it was given, milliseconds; `undefined` where nothing waits. */
  get waitingMs(): number | undefined {
    return this.#waitingSince === undefined ? undefined : performance.now() - this.#waitingSince
  }

  /** Of a tool, the events that were given a number here, or stand in a summary that was. */
  recordedOf(toolIndex: number): number {
    return (this.#recorded[toolIndex] ?? 0) + (this.summarisedOf(toolIndex) ?? 0)
  }

  /** Of these, those in summaries; `undefined` where a tool's events are told one by one. */
  summarisedOf(toolIndex: number): number | undefined {
    return this.#summaries?.toldOf(toolIndex)
  }

  /** How summaries do; `undefined` where none are made. */
  get summaries(): SummariesState | undefined {
    return this.#summaries?.state
  }

  /** How often `flush` is to be called though nothing comes, for windows that end: milliseconds; `undefined` if it need not be. */
  get flushEveryMs(): number | undefined {
    return this.#summaries?.flushEveryMs
  }

  /** Of a tool, the events left out here. */
  unwantedOf(toolIndex: number): number {
    return this.#unwanted[toolIndex] ?? 0
  }

  async open(): Promise<void> {}

  beginBatch(): void {
    this.#clock.measure()
  }

  take({ toolIndex, event }: TracedEvent): void {
    const part = this.#tools[toolIndex]
    const lines = this.#lines[toolIndex]
    if (part === undefined || lines === undefined) return
    if (part.wanted?.(event) === false) {
      this.#unwanted[toolIndex] = this.unwantedOf(toolIndex) + 1
      return
    }
    const timeMs = this.#clock.milliseconds(part.tool.timeNs(event))
    if (this.#summaries?.take(toolIndex, event, timeMs) === true) return
    this.#encoder.add('event', part.tool.name, timeMs, lines.line(event))
    this.#recorded[toolIndex] = (this.#recorded[toolIndex] ?? 0) + 1
    this.#events++
  }

  account(account: Account): void {
    const index = this.#tools.findIndex(({ tool }) => tool.name === account.tool)
    const line = this.#lines[index]?.account(account)
    if (line !== undefined) this.#encoder.add('ledger', account.tool, Date.now(), line)
  }

  /** Records what is counted of windows that are not over too: before the account that nothing follows. */
  endSummaries(): void {
    this.#summaries?.writeAll()
  }

  /** Records where an epoch stands: this one, unless told. */
  tell(state: EpochRecord['state'], other?: Pick<EpochRecord, 'epoch' | 'sequences'>): void {
    const summed = this.#summaries?.told
    const own = { epoch: this.epoch, sequences: this.sequences + 1, events: this.#events, ...summed }
    const { node: host } = this.#options
    const line = epochLine({ state, ...(other ?? own) }, { ids: this.#ids, clock: this.#clock, host })
    this.#encoder.add('ledger', '', Date.now(), line)
  }

  async flush(signal: AbortSignal): Promise<void> {
    const { spool, batch, epoch, kept } = this.#options
    const position = kept?.position
    this.#summaries?.writeDue()
    if (this.#encoder.count > 0) {
      const waiting = this.#encoder.take()
      this.#waitingSince = performance.now()
      if (position !== undefined) kept?.intend(position)
      for (const records of position === undefined ? piecesOf(waiting, batch) : [waiting]) {
        const firstSequence = this.#firstWaiting
        this.#firstWaiting += records.length
        const at = position === undefined ? {} : { position }
        await spool.append({ epoch, firstSequence, records, ...at }, signal)
      }
      this.#waitingSince = undefined
    }
    if (position !== undefined) kept?.release(position)
  }

  close(): void {}
}

/** Records in pieces of so many and so many bytes at most, but of one at least. */
function* piecesOf(
  records: readonly SpoolRecord[],
  most: RecorderOptions['batch'],
): Generator<readonly SpoolRecord[]> {
  let from = 0
  let bytes = 0
  let at = 0
  for (const { value } of records) {
    if (at > from && (at - from >= most.records || bytes + value.length > most.bytes)) {
      yield records.slice(from, at)
      from = at
      bytes = 0
    }
    bytes += value.length
    at++
  }
  yield from === 0 ? records : records.slice(from)
}
