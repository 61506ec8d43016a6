import type { Names } from '../kubernetes/names.js'
import type { Spool } from '../spool/spool.js'
import type { Account } from '../stream/sink.js'
import type { AgentConfig, AgentLog, SummariesState, ToolState } from './agent.js'
import { tellRefused, triedInVain } from './attach-what-can.js'
import type { EpochFile } from './epoch-file.js'
import { errorText } from './log/error-text.js'
import { type OpenCapture, openCapture, tryTool } from './open-capture.js'
import { openPinnedCapture, tryPinnedTool } from './open-pinned-capture.js'

/** What the epochs of an agent are recorded with. */
export interface EpochsOptions {
  readonly spool: Spool
  readonly log: AgentLog
  /** Absent where the spool is gone with the process. */
  readonly file: EpochFile | undefined
  /** Says whose events are. */
  readonly names: Names
}

/** The kernel's side of an agent: one epoch after the other, each with tools that are attached for it. */
export class Epochs {
  readonly #options: EpochsOptions
  #open: OpenCapture
  /** What the next epoch is to be: attached already, or to be once the one that goes on has ended. */
  #next: OpenCapture | (() => Promise<OpenCapture>) | undefined
  /** What the tools said last, while none are open: whoever asks how the agent does is answered until its very end. */
  #lastAccounts: readonly Account[] | undefined
  /** Aborts when another epoch is to begin, or none. */
  #change = new AbortController()

  private constructor(open: OpenCapture, options: EpochsOptions) {
    this.#open = open
    this.#options = options
  }

  /**
   * Attaches the tools, as many as can be, or goes on with those that are pinned.
   *
   * @throws {BpfError} if one cannot be attached that is required, or none
   */
  static async begin(config: AgentConfig, options: EpochsOptions): Promise<Epochs> {
    return new Epochs(await openAs(config, options), options)
  }

  get epoch(): string {
    return this.#open.capture.recorder.epoch
  }

  get tools(): readonly ToolState[] {
    return this.#open.tools
  }

  /** How long the spool has not taken what it was given, milliseconds; `undefined` where nothing waits. */
  get waitingMs(): number | undefined {
    return this.#open.capture.recorder.waitingMs
  }

  /** How summaries do; `undefined` where none are made. */
  get summaries(): SummariesState | undefined {
    return this.#open.capture.recorder.summaries
  }

  /** The account of each tool. */
  accounts(): readonly Account[] {
    return this.#lastAccounts ?? this.#open.capture.accounts(false)
  }

  /**
   * Records until `stop` aborts.
   *
   * @param patience ends waiting for the spool
   * @returns the account of each tool
   */
  async run(stop: AbortSignal, patience: AbortSignal): Promise<readonly Account[]> {
    const change = () => this.#change.abort()
    stop.addEventListener('abort', change, { once: true })
    try {
      await this.#tellCut(patience)
      for (;;) {
        if (stop.aborted) change()
        const { capture } = this.#open
        this.#note(false)
        await capture.run(this.#change.signal, patience)
        if (stop.aborted && capture.leave !== undefined) return await capture.leave(patience)
        const last = await capture.end(patience)
        // What was pinned is closed by now, and could not be asked.
        this.#lastAccounts = last
        this.#note(true)
        const next = this.#next
        if (next === undefined || stop.aborted) return last
        this.#next = undefined
        this.#change = new AbortController()
        this.#closeOpen()
        this.#open = typeof next === 'function' ? await next() : next
        this.#lastAccounts = undefined
        const attached = this.tools.filter((each) => each.attached).map(({ tool }) => tool)
        this.#options.log.info('another epoch begins', { epoch: this.epoch, tools: attached })
      }
    } finally {
      stop.removeEventListener('abort', change)
    }
  }

  /**
   * Ends the epoch, and begins another with tools as this configuration has them. They are attached before the others are
   * detached, and what happens in between is told by both; but those that are pinned can only be attached after.
   *
   * @throws {BpfError} if one cannot be attached that is required, or none: then all goes on as before
   */
  replace(config: AgentConfig): void {
    const next =
      config.pin === undefined
        ? openCapture(config, this.#options)
        : () => openPinnedCapture(config, this.#options)
    this.#closeNext()
    this.#next = next
    this.#change.abort()
  }

  /**
   * Tries tools again that could not be attached; where one can be now, another epoch begins with it.
   *
   * @param config as the tools were attached by
   * @returns whether one does
   */
  retry(config: AgentConfig): boolean {
    const isRefused = (name: string) => this.tools.some(({ tool, attached }) => tool === name && !attached)
    const refused = config.tools.filter(({ tool }) => isRefused(tool.name))
    const attempt = config.pin === undefined ? tryTool : tryPinnedTool
    const still = triedInVain(refused, (tool) => attempt(tool, config))
    if (still.length < refused.length) this.replace(config)
    else tellRefused(still, this.#options.log)
    return still.length < refused.length
  }

  /** Gives everything back to the kernel, but for what is pinned. */
  close(): void {
    this.#closeOpen()
    this.#closeNext()
  }

  /** Says in the file whether the epoch is at its end. That it cannot be said is no reason to end, or not to deliver. */
  #note(ended: boolean): void {
    const { file, log } = this.#options
    try {
      file?.write({ epoch: this.epoch, ended })
    } catch (error) {
      log.error(
        'where the epoch stands cannot be written: the next run may say that an epoch was cut that ended, or not say it',
        {
          epoch: this.epoch,
          ended,
          error: errorText(error),
        },
      )
    }
  }

  #closeOpen(): void {
    this.#lastAccounts = this.accounts()
    this.#open.capture.close()
  }

  #closeNext(): void {
    if (typeof this.#next === 'object') this.#next.capture.close()
  }

  /**
   * Says that the run before this one ended without its account. What is to be said stands in the file until the spool has it:
   * a run that is killed in between leaves it to the next.
   */
  async #tellCut(patience: AbortSignal): Promise<void> {
    const { file, log, spool } = this.#options
    const { recorder } = this.#open.capture
    const cut = file?.begin(this.epoch, spool.end) ?? []
    if (cut.length === 0) return
    for (const { epoch, sequences } of cut) {
      log.warn('the run before this one ended without its account: its epoch is cut', {
        cut_epoch: epoch,
        sequences,
      })
      recorder.tell('cut', { epoch, sequences })
    }
    await recorder.flush(patience)
  }
}

async function openAs(config: AgentConfig, options: EpochsOptions): Promise<OpenCapture> {
  return config.pin === undefined ? openCapture(config, options) : await openPinnedCapture(config, options)
}
