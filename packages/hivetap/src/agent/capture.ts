import type { OpenedTrace } from '../probes/open-trace.js'
import { discardRest, drainRest } from '../stream/pump.js'
import type { Account } from '../stream/sink.js'
import { CaptureBase } from './capture-base.js'
import type { CaptureOptions } from './capturing.js'
import type { Recorder } from './recorder.js'

/** Tools that are attached, and the recorder that takes what they tell: one epoch. */
export class Capture extends CaptureBase {
  readonly #trace: OpenedTrace

  constructor(trace: OpenedTrace, recorder: Recorder, options: CaptureOptions) {
    super(trace.records, recorder, { ...options, begins: true })
    this.#trace = trace
  }

  override accounts(ended: boolean): readonly Account[] {
    const { tools, opened, decoder } = this.#trace
    return tools.map(({ name }, index) => {
      const { received = 0, malformed = 0 } = decoder.receipts[index] ?? {}
      const unwanted = this.recorder.unwantedOf(index)
      const delivered = this.recorder.recordedOf(index)
      const session = opened[index]?.session
      if (session === undefined) throw new Error(`${name} is not open`)
      const summarised = this.recorder.summarisedOf(index)
      const balance = session.balance({ received, malformed, unwanted, delivered, ended })
      return { tool: name, balance: summarised === undefined ? balance : { ...balance, summarised }, ended }
    })
  }

  override async run(signal: AbortSignal, patience: AbortSignal): Promise<void> {
    // While what was read waits for the spool, no more is to come.
    const detach = () => this.#trace.detach()
    signal.addEventListener('abort', detach, { once: true })
    await super.run(signal, patience)
    signal.removeEventListener('abort', detach)
  }

  override async end(patience: AbortSignal): Promise<readonly Account[]> {
    this.#trace.detach()
    await drainRest(this.source, this.recorder, patience)
    discardRest(this.source)
    this.recorder.endSummaries()
    return this.tellAccounts('ended', patience)
  }

  override close(): void {
    this.#trace.close()
  }
}
