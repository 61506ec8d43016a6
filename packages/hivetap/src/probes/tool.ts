import type { RecordBuffer, RecordDecoder, SharedRecords } from '@hivetap/bpf'
import type { Balance } from './balance.js'
import type { Counting } from './counting.js'
import type { EventRecord } from './event-of-record.js'
import type { Keeper } from './keeper.js'
import type { Received } from './ledger.js'
import type { ProcessMark } from './processes/process-mark.js'
import type { NameAccess } from './tool-names.js'

/** How a program is attached, best first: what each needs and tells stands in docs/architecture.md. */
export const RUNGS = ['tp_btf', 'raw_tp', 'tracepoint'] as const
export type Rung = (typeof RUNGS)[number]

/** How events come from the kernel, best first. */
export const BUFFERS = ['ringbuf', 'perf'] as const
export type BufferKind = (typeof BUFFERS)[number]

/** How much memory in the kernel a tool may take: what is smaller follows fewer things at once. */
export interface Sizes {
  /** Things followed at once, at most. */
  readonly entries: number
  /** Bytes of the ring buffer, or of the perf buffer of each CPU. */
  readonly bufferBytes: number
  /** Bytes of the texts that an event holds, of a tool whose texts are cut shorter at smaller sizes. */
  readonly textBytes?: number
}

/** Where on the ladder a tool is to be opened. */
export interface Placement {
  readonly rung: Rung
  readonly buffer: BufferKind
  readonly sizes: Sizes
  /** The buffer that several tools write to, and the place of this one among them; its own where there is none. */
  readonly shared?: SharedRecords
  readonly toolIndex?: number
  /** Who has it outlive this process; nobody, without. */
  readonly keeper?: Keeper
}

/** A tool that is attached. */
export interface Attached extends NameAccess {
  readonly placement: Placement
  /** Fields, by their names in C, that nothing can fill on this rung, with what would. */
  readonly missing: ReadonlyMap<string, string>
  /** The account so far, with what became of the events after they were handed over. */
  balance(received: Received): Balance
  /** Stops the programs; what they have said can still be read. */
  detach(): void
  /** Gives everything back to the kernel. */
  close(): void
}

/** A tool that is attached: its events come until it is detached. */
export interface Session<E> extends Attached {
  /** Its own buffer; where it shares one, there is none. */
  readonly events: RecordBuffer<E>
}

/** An option on a tool's command line. */
export interface Flag {
  /** Its name in the options that the tool is opened with. */
  readonly name: string
  /** As commander has it: `-p, --pid <PID>`. */
  readonly flags: string
  readonly help: string
  /**
   * Reads its value; throws an `Error` that says what is wrong with it. A flag without a value has none, nor one whose value
   * is any text. Given again, the last counts; but arrays are joined, each value once.
   */
  readonly parse?: (text: string) => unknown
  /** Names of flags that it cannot stand beside. */
  readonly conflicts?: readonly string[]
  /** The name of a flag that it means nothing without. */
  readonly needs?: string
}

/** How a column tells when something happened: by this host's time of day, or in seconds since the first event that is shown. */
export type RowClock = 'time_of_day' | 'since_first'

/** A column of a tool's table. Texts are padded on the right, but for the last column's. */
export interface Column<E> {
  readonly header: string
  readonly width: number
  /** `right` pads on the left, in the last column too: the peers' `%3d`. */
  readonly align?: 'right'
  /** Characters at most, where the peers cut it. */
  readonly cut?: number
  /** The field of the JSON that it shows, or those it is made of: where a session misses one, nothing can be shown. */
  readonly field?: string | readonly string[]
  /** It shows when something happened, to whoever sits here: whoever merges the rows of several hosts shows it instead. */
  readonly clock?: RowClock
  /** What it shows of the event; `undefined`, where the event has none, shows as `-`. */
  readonly text: (event: E) => string | undefined
}

/** A field of a tool's JSON, in the order in which they stand. */
export interface Field<E> {
  readonly name: string
  readonly doc: string
  readonly type: FieldType
  /** The values that it can have, where they are a few names. */
  readonly labels?: readonly string[]
  /** Its value; `undefined` leaves it out. */
  readonly value: (event: E) => FieldValue | undefined
}

/** What the names of whose an event is are found by. */
export interface NamedBy<E> {
  /** The process that did it. */
  readonly pid: (event: E) => number
  /** What tells that process from others that have had its number: of tools whose programs read it. */
  readonly process?: (event: E) => ProcessMark
  /** Its cgroup. */
  readonly cgroup: (event: E) => bigint
  /** The address that it connects to, and the port: of tools that tell of connects. */
  readonly address?: (event: E) => string
  readonly port?: (event: E) => number
  /** When it began, nanoseconds of CLOCK_MONOTONIC: whose the address was then. When it happened, without. */
  readonly beganNs?: (event: E) => number
}

/** What a tool tells of connects, besides those that were answered with success. */
export interface ToldConnects {
  /** Connects that took less are left out, microseconds; none, without. */
  readonly minLatencyUs?: number
  readonly failures: boolean
  /** Those that hang, while they do. */
  readonly stuck: boolean
}

export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'strings'
export type FieldValue = string | number | boolean | readonly string[]

/** A tool, whole: the command line, table, JSON and documentation are made from this. */
export interface Tool<E, O> {
  readonly name: string
  /** A line that says what it shows. */
  readonly summary: string
  /** What more there is to know before using it. */
  readonly description: string
  /** What it tells of, in the plural: `connects`. */
  readonly subject: string
  /** The optional first argument. */
  readonly argument?: {
    readonly name: string
    readonly help: string
    readonly option: string
    readonly parse: (text: string) => unknown
  }
  readonly flags: readonly Flag[]
  /** Rungs that it has, best first. */
  readonly rungs: readonly Rung[]
  /** Sizes to try, largest first: the smaller are for kernels that count them against a low limit on locked memory. */
  readonly sizes: readonly [Sizes, ...Sizes[]]
  /** The columns for these options. */
  readonly columns: (options: O) => readonly Column<E>[]
  /** What stands behind a row, for an event that the columns alone would show as something else. */
  readonly remark: (event: E, options: O) => string | undefined
  readonly fields: readonly Field<E>[]
  /** Reads an event from a record. */
  readonly decoder: RecordDecoder<E>
  /** What only user space can leave out; all is wanted without. */
  readonly wanted?: (options: O) => ((event: E) => boolean) | undefined
  /** When the event happened, nanoseconds of CLOCK_MONOTONIC. */
  readonly timeNs: (event: E) => number
  readonly namedBy: NamedBy<E>
  /** Which connects it tells with these options, besides what their filters say: of tools that tell of connects. */
  readonly connects?: (options: O) => ToldConnects
  /** Makes the event again that a record was made of, but for its time: event-of-record.ts. */
  readonly ofRecord: (record: EventRecord) => E
  /**
   * Loads and attaches it.
   *
   * @throws {BpfError} if it cannot be had there
   */
  readonly open: (options: O, placement: Placement) => Session<E>
  /** How it counts instead, where it can: counting.ts. It has the flags COUNT_FLAGS. */
  // biome-ignore lint/suspicious/noExplicitAny: what it counts by is its own affair
  readonly counting?: Counting<any, O>
}

// biome-ignore lint/suspicious/noExplicitAny: a list of tools holds tools of any event
export type AnyTool = Tool<any, any>
