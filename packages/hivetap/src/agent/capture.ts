import type { OpenedTrace } from '../probes/open-trace.js'
import type { TracedEvent } from '../probes/shared-events.js'
import { Lingering } from '../stream/lingering.js'
import { discardRest, drainRest, pump } from '../stream/pump.js'
import type { Account } from '../stream/sink.js'
import type { EventSource } from '../stream/source.js'
import type { Recorder } from './recorder.js'

/** How a capture goes on. */
export interface CaptureOptions {
  /**
   * How long events gather before they are recorded, milliseconds: a wake costs as much as some milliseconds of events. The
   * buffer must hold what comes meanwhile.
   */
  readonly lingerMs: number
  /** How often the account is recorded, milliseconds. */
  readonly accountEveryMs: number
}

/** What records events, and the account of them: an epoch, or a part of one. */
export interface Capturing {
  readonly recorder: Recorder
  /** The account of each tool. */
  accounts(ended: boolean): readonly Account[]
  /** Records events, and now and then the account, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /**
   * Ends the epoch: detaches the tools, records what they had still to say, and the account. What cannot be recorded before
   * `patience` aborts is in the account as lost.
   *
   * @returns the account of each tool
   */
  end(patience: AbortSignal): Promise<readonly Account[]>
  /** Leaves the epoch to the next process, which goes on with it: records the account so far. Absent where none can. */
  leave?(patience: AbortSignal): Promise<readonly Account[]>
  /** Gives back what it holds. */
  close(): void
}

/** Tools that are attached, and the recorder that takes what they tell: one epoch. */
export class Capture implements Capturing {
  readonly recorder: Recorder
  readonly #trace: OpenedTrace
  readonly #source: EventSource<TracedEvent>
  readonly #accountEveryMs: number

  constructor(trace: OpenedTrace, recorder: Recorder, { lingerMs, accountEveryMs }: CaptureOptions) {
    this.recorder = recorder
    this.#trace = trace
    this.#source = new Lingering(trace.records, lingerMs)
    this.#accountEveryMs = accountEveryMs
  }

  accounts(ended: boolean): readonly Account[] {
    const { tools, opened, decoder } = this.#trace
    return tools.map(({ name }, index) => {
      const { received = 0, malformed = 0 } = decoder.receipts[index] ?? {}
      const unwanted = this.recorder.unwantedOf(index)
      const delivered = this.recorder.recordedOf(index)
      const session = opened[index]?.session
      if (session === undefined) throw new Error(`${name} is not open`)
      return {
        tool: name,
        balance: session.balance({ received, malformed, unwanted, delivered, ended }),
        ended,
      }
    })
  }

  async run(signal: AbortSignal): Promise<void> {
    this.recorder.tell('started')
    await this.recorder.flush(signal)
    await pump(this.#source, this.recorder, signal, {
      everyMs: this.#accountEveryMs,
      run: async () => void (await this.#tellAccounts('running', signal)),
    })
  }

  async end(patience: AbortSignal): Promise<readonly Account[]> {
    this.#trace.detach()
    await drainRest(this.#source, this.recorder, patience)
    discardRest(this.#source)
    return this.#tellAccounts('ended', patience)
  }

  close(): void {
    this.#trace.close()
  }

  async #tellAccounts(state: 'running' | 'ended', signal: AbortSignal): Promise<readonly Account[]> {
    const accounts = this.accounts(state === 'ended')
    for (const account of accounts) this.recorder.account(account)
    this.recorder.tell(state)
    await this.recorder.flush(signal)
    return accounts
  }
}
