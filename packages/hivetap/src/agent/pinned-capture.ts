import type { BatchOptions } from '@hivetap/bpf'
import type { PinnedRun } from '../pinned/pinned-run.js'
import { NOTHING_KNOWN } from '../probes/balance.js'
import type { TracedEvent } from '../probes/shared-events.js'
import type { Account } from '../stream/sink.js'
import type { EventSource } from '../stream/source.js'
import { CaptureBase } from './capture-base.js'
import type { CaptureOptions } from './capturing.js'
import type { Recorder } from './recorder.js'

/** Events that are read at a time, and bytes of their lines that one batch gathers: it is recorded whole, or not at all. */
const READ_AT_A_TIME = 256
const MOST_BATCH_BYTES = 4 << 20

/**
 * Tools that live on in the kernel without this process, and the recorder that takes what they tell. What is read is released
 * once the spool has it: a process that is killed between the two leaves what the next one passes over.
 */
export class PinnedCapture extends CaptureBase {
  readonly #run: PinnedRun

  /** @param recorder says how far the run was read with each batch, and releases it once it is accepted */
  constructor(run: PinnedRun, recorder: Recorder, options: CaptureOptions) {
    super(new PinnedSource(run, recorder), recorder, { ...options, begins: recorder.sequences === 0 })
    this.#run = run
  }

  override accounts(ended: boolean): readonly Account[] {
    return this.#run.balances(ended).map((balance, index) => ({
      tool: this.#run.tools[index]?.name ?? '',
      balance: balance ?? NOTHING_KNOWN,
      ended,
    }))
  }

  override async end(patience: AbortSignal): Promise<readonly Account[]> {
    await this.#run.detach()
    for await (const batch of this.#run.rest(READ_AT_A_TIME)) {
      this.recorder.beginBatch()
      for (const event of batch) this.recorder.take(event)
      await this.recorder.flush(patience)
      if (patience.aborted) break
    }
    const accounts = await this.tellAccounts('ended', patience)
    this.#run.remove()
    return accounts
  }

  async leave(patience: AbortSignal): Promise<readonly Account[]> {
    return this.tellAccounts('running', patience)
  }

  override close(): void {
    this.#run.close()
  }
}

/** What a pinned run has to read, as a pump takes it. */
class PinnedSource implements EventSource<TracedEvent> {
  readonly #run: PinnedRun
  readonly #recorder: Recorder

  constructor(run: PinnedRun, recorder: Recorder) {
    this.#run = run
    this.#recorder = recorder
  }

  drain(take: (event: TracedEvent) => void, limit: number): number {
    let count = 0
    while (count + READ_AT_A_TIME <= limit && this.#recorder.waitingBytes < MOST_BATCH_BYTES) {
      const read = this.#run.read(take, READ_AT_A_TIME)
      count += read
      if (read < READ_AT_A_TIME) break
    }
    return count
  }

  wait(options: BatchOptions = {}): Promise<void> {
    return this.#run.wait(options)
  }

  wake(): void {
    this.#run.wake()
  }
}
