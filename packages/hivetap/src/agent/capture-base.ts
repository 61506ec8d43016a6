import type { TracedEvent } from '../probes/shared-events.js'
import { Lingering } from '../stream/lingering.js'
import { pump } from '../stream/pump.js'
import type { Account } from '../stream/sink.js'
import type { EventSource } from '../stream/source.js'
import type { CaptureOptions, Capturing } from './capturing.js'
import type { Recorder } from './recorder.js'

/** What a capture of tools of this process and one of tools that outlive it have in common. */
export abstract class CaptureBase implements Capturing {
  readonly recorder: Recorder
  protected readonly source: EventSource<TracedEvent>
  /** Whether the epoch begins with it. */
  readonly #begins: boolean
  readonly #accountEveryMs: number

  constructor(
    source: EventSource<TracedEvent>,
    recorder: Recorder,
    { lingerMs, accountEveryMs, begins }: CaptureOptions & { readonly begins: boolean },
  ) {
    this.recorder = recorder
    this.source = new Lingering(source, lingerMs)
    this.#begins = begins
    this.#accountEveryMs = accountEveryMs
  }

  abstract accounts(ended: boolean): readonly Account[]

  abstract end(patience: AbortSignal): Promise<readonly Account[]>

  abstract close(): void

  async run(signal: AbortSignal, patience: AbortSignal): Promise<void> {
    if (this.#begins) this.recorder.tell('started')
    await this.recorder.flush(patience)
    const chore = {
      everyMs: this.#accountEveryMs,
      run: async () => void (await this.tellAccounts('running', patience)),
    }
    const { flushEveryMs } = this.recorder
    // Windows end though nothing comes.
    const timer = flushEveryMs === undefined ? undefined : setInterval(() => this.source.wake(), flushEveryMs)
    try {
      await pump(this.source, this.recorder, signal, { chore, patience })
    } finally {
      clearInterval(timer)
    }
  }

  /** Records the account of each tool, and behind them that of the epoch. */
  protected async tellAccounts(
    state: 'running' | 'ended',
    patience: AbortSignal,
  ): Promise<readonly Account[]> {
    const accounts = this.accounts(state === 'ended')
    for (const account of accounts) this.recorder.account(account)
    this.recorder.tell(state)
    await this.recorder.flush(patience)
    return accounts
  }
}
