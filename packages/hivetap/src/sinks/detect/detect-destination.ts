import type { AlertRelay } from '../../delivery/alerts/alert-relay.js'
import type { Destination, DestinationContext, Rejection } from '../../delivery/destination.js'
import type { SpoolBatch } from '../../spool/spool.js'
import { SeenSequences } from './seen-sequences.js'
import type { Watch } from './watch.js'

/** How often time goes on while no connects come, and how often what is known is saved. */
const TICK_MS = 1000
const SAVE_MS = 60_000
/** How long alerts have to reach their sinks once it is closed. */
const CLOSE_MS = 5000

/** A time that is later than now by more is of a clock that was set back meanwhile: microseconds. */
const AHEAD_US = 1_000_000

/**
 * Looks at the connects of an agent, and tells what it finds. A batch counts as delivered once its alerts are out, or wait for a
 * sink of alerts that is down: that one must not keep the others from being told, nor time from going on.
 */
export class DetectDestination implements Destination {
  readonly name: string
  readonly window = 1
  readonly #watch: Watch
  readonly #relay: AlertRelay
  readonly #context: DestinationContext
  #seen = new SeenSequences()
  #ticking: NodeJS.Timeout | undefined
  #savedMs = performance.now()
  /** What is being saved must not change meanwhile. */
  #isSaving = false

  constructor(name: string, watch: Watch, relay: AlertRelay, context: DestinationContext) {
    this.name = name
    this.#watch = watch
    this.#relay = relay
    this.#context = context
  }

  async open(): Promise<void> {
    if (this.#ticking !== undefined) return
    this.#seen = await this.#restored()
    this.#ticking = setInterval(() => {
      if (this.#isSaving) return
      this.#watch.tick()
      void this.#watch.tellWhoHears()
    }, TICK_MS)
    this.#ticking.unref()
  }

  async deliver(
    { epoch, firstSequence, records }: SpoolBatch,
    signal: AbortSignal,
  ): Promise<readonly Rejection[]> {
    const from = this.#seen.take(epoch, firstSequence, records.length)
    const mostUs = Date.now() * 1000 + AHEAD_US
    for (let index = from; index < records.length; index++) {
      const record = records[index]
      if (record !== undefined && record.kind !== 'ledger')
        this.#watch.reader.readRecord(record.value, 0, mostUs)
    }
    this.#watch.tick()
    await this.#watch.tellWhoHears(signal)
    if (performance.now() - this.#savedMs > SAVE_MS) await this.#save()
    return []
  }

  async close(): Promise<void> {
    clearInterval(this.#ticking)
    // One that was never opened knows nothing, and must not put that in the place of what another knew.
    if (this.#ticking !== undefined) await this.#save()
    await this.#relay.close(CLOSE_MS)
  }

  async #restored(): Promise<SeenSequences> {
    try {
      return SeenSequences.restore(await this.#watch.restore())
    } catch (error) {
      // What is usual can be learnt again: that is no reason to find nothing.
      this.#context.note('what detection remembered cannot be taken up: it begins anew', {
        error: error instanceof Error ? error.message : String(error),
      })
      return new SeenSequences()
    }
  }

  async #save(): Promise<void> {
    if (this.#isSaving) return
    this.#isSaving = true
    this.#savedMs = performance.now()
    try {
      await this.#watch.save(this.#seen.state())
    } catch (error) {
      this.#context.note('what detection remembers cannot be saved', {
        error: error instanceof Error ? error.message : String(error),
      })
    } finally {
      this.#isSaving = false
    }
  }
}
