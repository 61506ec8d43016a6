import { randomUUID } from 'node:crypto'
import { openTrace } from '../probes/open-trace.js'
import type { Spool } from '../spool/spool.js'
import type { Account } from '../stream/sink.js'
import type { AgentConfig, AgentLog, ToolState } from './agent.js'
import { Capture } from './capture.js'
import type { EpochFile } from './epoch-file.js'
import { Recorder } from './recorder.js'

/** What the epochs of an agent are recorded with. */
export interface EpochsOptions {
  readonly spool: Spool
  readonly log: AgentLog
  /** Absent where the spool is gone with the process. */
  readonly file: EpochFile | undefined
}

/** A capture, with what was opened for it. */
interface Open {
  readonly capture: Capture
  readonly tools: readonly ToolState[]
}

/** The kernel's side of an agent: one epoch after the other, each with tools that are attached for it. */
export class Epochs {
  readonly #options: EpochsOptions
  #open: Open
  /** What the next epoch is to be. */
  #next: Open | undefined
  /** Aborts when another epoch is to begin, or none. */
  #change = new AbortController()

  /** @throws {BpfError} if a tool cannot be attached */
  constructor(config: AgentConfig, options: EpochsOptions) {
    this.#options = options
    this.#open = open(config, options.spool)
  }

  get epoch(): string {
    return this.#open.capture.recorder.epoch
  }

  get tools(): readonly ToolState[] {
    return this.#open.tools
  }

  /** Since when the spool has not taken what it was given: milliseconds since 1970; `undefined` where nothing waits. */
  get waitingSinceMs(): number | undefined {
    return this.#open.capture.recorder.waitingSinceMs
  }

  /** The account of each tool. */
  accounts(): readonly Account[] {
    return this.#open.capture.accounts(false)
  }

  /** Records until `stop` aborts. */
  async run(stop: AbortSignal, patience: () => AbortSignal): Promise<readonly Account[]> {
    const change = () => this.#change.abort()
    stop.addEventListener('abort', change, { once: true })
    this.#tellCut()
    try {
      for (;;) {
        if (stop.aborted) change()
        this.#options.file?.write({ epoch: this.epoch, ended: false })
        await this.#open.capture.run(this.#change.signal)
        const last = await this.#open.capture.end(patience())
        this.#options.file?.write({ epoch: this.epoch, ended: true })
        const next = this.#next
        if (next === undefined || stop.aborted) return last
        this.#next = undefined
        this.#change = new AbortController()
        this.#open.capture.close()
        this.#open = next
      }
    } finally {
      stop.removeEventListener('abort', change)
    }
  }

  /**
   * Ends the epoch, and begins another with tools as this configuration has them. They are attached before the others are
   * detached: what happens in between is told by both.
   *
   * @throws {BpfError} if a tool cannot be attached: then all goes on as before
   */
  replace(config: AgentConfig): void {
    const next = open(config, this.#options.spool)
    this.#next?.capture.close()
    this.#next = next
    this.#change.abort()
  }

  /** Gives everything back to the kernel. */
  close(): void {
    this.#open.capture.close()
    this.#next?.capture.close()
  }

  /** Says that the run before this one ended without its account. */
  #tellCut(): void {
    const { spool, file, log } = this.#options
    const last = file?.read()
    if (last === undefined || last.ended) return
    const sequences = spool.end?.epoch === last.epoch ? spool.end.nextSequence : 0
    log.warn('the run before this one ended without its account: its epoch is cut', {
      cut_epoch: last.epoch,
      sequences,
    })
    this.#open.capture.recorder.tell('cut', { epoch: last.epoch, sequences })
  }
}

function open(config: AgentConfig, spool: Spool): Open {
  const { node, tools, hook, buffer, queue, accountIntervalMs } = config
  const trace = openTrace(tools, {
    ...(hook === undefined ? {} : { rung: hook }),
    ...(buffer.kind === undefined ? {} : { buffer: buffer.kind }),
    ...(buffer.bytes === undefined ? {} : { bytes: buffer.bytes }),
  })
  const recorder = new Recorder(
    tools.map(({ tool, options }, index) => ({
      tool,
      missing: trace.opened[index]?.session.missing ?? new Map(),
      sample: (options as { readonly sample?: number }).sample,
      wanted: tool.wanted?.(options),
    })),
    {
      spool,
      node,
      batch: { records: queue.batchRecords, bytes: queue.batchBytes },
      epoch: randomUUID(),
      firstSequence: 0,
      eventsBefore: 0,
    },
  )
  const capture = new Capture(trace, recorder, { lingerMs: queue.delayMs, accountEveryMs: accountIntervalMs })
  const states = trace.opened.map(({ session: { placement } }, index): ToolState => {
    const { rung, buffer } = placement
    return { tool: tools[index]?.tool.name ?? '', attached: true, rung, buffer }
  })
  return { capture, tools: states }
}
