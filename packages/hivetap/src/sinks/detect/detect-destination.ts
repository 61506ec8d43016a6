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

/** Looks at the connects of an agent, and tells what it finds. A batch counts as delivered once its alerts are out. */
export class DetectDestination implements Destination {
  readonly name: string
  readonly window = 1
  readonly #watch: Watch
  readonly #relay: AlertRelay
  readonly #context: DestinationContext
  #seen = new SeenSequences()
  #ticking: NodeJS.Timeout | undefined
  #savedMs = performance.now()

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
      this.#watch.tick()
      void this.#watch.tell()
    }, TICK_MS)
    this.#ticking.unref()
  }

  async deliver({ epoch, firstSequence, records }: SpoolBatch): Promise<readonly Rejection[]> {
    const from = this.#seen.take(epoch, firstSequence, records.length)
    for (let index = from; index < records.length; index++) {
      const record = records[index]
      if (record?.kind === 'event') this.#watch.reader.readRecord(record.value, 0, Date.now() * 1000)
    }
    this.#watch.hasRead()
    await this.#watch.tell()
    if (performance.now() - this.#savedMs > SAVE_MS) await this.#save()
    return []
  }

  async close(): Promise<void> {
    clearInterval(this.#ticking)
    await this.#save()
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
    this.#savedMs = performance.now()
    try {
      await this.#watch.save(this.#seen.state())
    } catch (error) {
      this.#context.note('what detection remembers cannot be saved', {
        error: error instanceof Error ? error.message : String(error),
      })
    }
  }
}
