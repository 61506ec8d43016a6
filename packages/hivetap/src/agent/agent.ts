import type { IdentityCounters } from '../kubernetes/identifier.js'
import type { LearnedCounts } from '../kubernetes/learned-cgroups.js'
import type { NamesConfig } from '../kubernetes/names-config.js'
import type { AnyTool, BufferKind, Rung } from '../probes/tool.js'
import type { DiskFault } from '../spool/disk/disk-faults.js'
import type { SpoolPolicy } from '../spool/spool.js'
import type { OtherCounts } from './summaries/other-share.js'

/** A tool that the agent runs. */
export interface ToolConfig {
  readonly tool: AnyTool
  /** What it is opened with: the filters of all, then its own flags, read by the definition's parsers. */
  readonly options: Readonly<Record<string, unknown>>
  /** Whether nothing runs without it; else the others do. */
  readonly required?: boolean
}

/** A destination that is asked for. What `type` takes stands in `settings`, as the schema of its kind gives it. */
export interface SinkConfig {
  readonly name: string
  readonly type: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** How records are kept on their way. */
export interface SpoolConfig {
  /** Where it stands on disk; absent: in memory, and gone with the process. */
  readonly dir?: string
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly segmentBytes: number
  readonly policy: SpoolPolicy
  readonly fsync: FsyncPolicy
}

/** When what was appended is brought to the disk itself, past the page cache. */
export const FSYNC_POLICIES = ['never', 'interval', 'always'] as const
export type FsyncPolicy = (typeof FSYNC_POLICIES)[number]

/** Bounds of what lies between the kernel's buffer and the spool, and between the spool and a destination. */
export interface QueueConfig {
  /** Records of a batch, at most. */
  readonly batchRecords: number
  /** Bytes of a batch's records, at most: a record that is larger stands in one alone. */
  readonly batchBytes: number
  /** How long a record waits for others before its batch is appended. */
  readonly delayMs: number
  /** Bytes that a destination may have read from the spool and not yet acknowledged. */
  readonly sinkBytes: number
}

/** Which connects are told in summaries, and how: docs/summaries.md. */
export interface SummariesConfig {
  /** Names of the tools whose connects they are. */
  readonly tools: readonly string[]
  /** How long a window is. */
  readonly everyMs: number
  /** How long after its end a window waits for events of it. */
  readonly delayMs: number
  /** What took as long or longer is told by itself. */
  readonly keepOverMs: number
  /** What failed is told by itself. */
  readonly keepFailed: boolean
  /** Keys that are counted at once, at most; the rest shares one. */
  readonly maxKeys: number
  /** Of each summary so many connects are shown, the slowest. */
  readonly examples: number
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export const LOG_FORMATS = ['auto', 'json', 'text'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** What an agent is to do: read, checked, and with everything that was left out filled in. */
export interface AgentConfig {
  /** The host, as events name it. */
  readonly node: string
  readonly tools: readonly ToolConfig[]
  /** Whose events are. */
  readonly names: NamesConfig
  /** How to attach; the best that works where it is absent. */
  readonly hook?: Rung
  /** The buffer that all tools write to; its kind is the best that works where it is absent. */
  readonly buffer: { readonly kind?: BufferKind; readonly bytes?: number }
  /** Where programs, links and maps stay when the agent ends; absent: they end with it. */
  readonly pin?: { readonly directory: string }
  readonly spool: SpoolConfig
  readonly sinks: readonly SinkConfig[]
  readonly queue: QueueConfig
  /** Absent: each event is told. */
  readonly summaries?: SummariesConfig
  /** How often accounts are told. */
  readonly accountIntervalMs: number
  /** How long what is under way has to reach its destinations once the agent is to end. */
  readonly shutdownTimeoutMs: number
  readonly log: { readonly level: LogLevel; readonly format: LogFormat }
  readonly health: { readonly file?: string; readonly socket?: string }
}

/** What is said besides a message: flat, by name, as JSON takes it. Errors are told with what caused them. */
export type LogDetails = Readonly<Record<string, unknown>>

/** The agent's own log. It never waits for whoever reads it. */
export interface AgentLog {
  debug(message: string, details?: LogDetails): void
  info(message: string, details?: LogDetails): void
  warn(message: string, details?: LogDetails): void
  error(message: string, details?: LogDetails): void
  /** A log that says the same details with each message: the sink, the tool. */
  with(details: LogDetails): AgentLog
}

/** How a tool does. */
export interface ToolState {
  readonly tool: string
  readonly attached: boolean
  readonly rung?: Rung
  readonly buffer?: BufferKind
  /** Why it is not attached. */
  readonly reason?: string
}

/** How a destination does. */
export interface SinkState {
  readonly name: string
  readonly type: string
  /** Whether the last that was tried was delivered; `undefined` as long as nothing was. */
  readonly up?: boolean
  /** Since when it is up, or down: milliseconds since 1970. */
  readonly sinceMs?: number
  /** Why it is down. */
  readonly reason?: string
  /** Bytes in the spool that it has not acknowledged. */
  readonly backlogBytes: number
  /** Records that reached it. */
  readonly delivered: number
  /** Records that never will, by reason. */
  readonly lost: Readonly<Record<string, number>>
}

/** What became of asking whose events are. */
export interface NamesState extends Readonly<IdentityCounters> {
  /** What of the cluster may be of before, with the reason. */
  readonly away: ReadonlyMap<string, string>
  /** What the kernel was told to leave out; absent where all pods are wanted. */
  readonly learned?: Readonly<LearnedCounts> | undefined
}

/** How the summaries of this epoch do. */
export interface SummariesState extends OtherCounts {
  /** Keys that are counted in windows that are open. */
  readonly keys: number
  /** As many as are counted at most. */
  readonly maxKeys: number
}

/** How the spool does. */
export interface SpoolHealth {
  readonly heldBytes: number
  readonly maxBytes: number
  /** What of its disk fails, or has failed since it was opened, the last first. */
  readonly faults: readonly DiskFault[]
}

/** How an agent does: what its health is told from. */
export interface AgentState {
  readonly epoch: string
  readonly tools: readonly ToolState[]
  readonly sinks: readonly SinkState[]
  readonly spool: SpoolHealth
  /** What was produced in the kernel, and what was lost before it had a sequence, by reason. */
  readonly produced: number
  readonly dropped: Readonly<Record<string, number>>
  /** Absent where each event is told. */
  readonly summaries?: SummariesState | undefined
  /** Whose events were. */
  readonly names: NamesState
}

/** What became of a configuration that was given to an agent that runs. */
export interface Reloaded {
  /** What is done otherwise from now on, by path: `sinks.kafka`. */
  readonly applied: readonly string[]
  /** What is changed in the configuration and takes a new start. */
  readonly needsRestart: readonly string[]
}

/** An agent that runs. */
export interface RunningAgent {
  /** How it does now. Cheap: it is called each few seconds. */
  state(): AgentState
  /**
   * Whether the pipeline gets on: `false` makes the supervisor start it anew. A destination that is down is no reason; that
   * nothing moved although something could is.
   */
  isAlive(): boolean
  /**
   * Goes on with another configuration, which is valid.
   *
   * @throws if it could not: then it goes on as before
   */
  reload(config: AgentConfig): Promise<Reloaded>
}

/** What the command gives to a run. */
export interface AgentIo {
  readonly log: AgentLog
  /** Aborts when it is to end: it detaches, drains within `shutdownTimeoutMs`, and returns. */
  readonly stop: AbortSignal
  /** Aborts when it is to end at once: what was not delivered stays in the spool, or is counted as lost. */
  readonly abandon: AbortSignal
  /** Called once: all is attached, and events are being taken. */
  ready(agent: RunningAgent): void
}

/**
 * Runs an agent until it is stopped: `run-agent.ts` exports it.
 *
 * @throws if it cannot start, or cannot go on
 */
export type RunAgent = (config: AgentConfig, io: AgentIo) => Promise<void>
