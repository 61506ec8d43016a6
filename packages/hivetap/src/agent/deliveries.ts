import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Delivery } from '../delivery/delivery.js'
import type { Destination, DestinationContext } from '../delivery/destination.js'
import type { Spool } from '../spool/spool.js'
import type { AgentLog, SinkConfig, SinkState } from './agent.js'

/** How often it is looked, at the end, whether all has arrived. */
const LOOK_EVERY_MS = 10

/** Makes the destination of a configuration. */
export type CreateDestination = (sink: SinkConfig, context: DestinationContext) => Promise<Destination>

/** What all deliveries of an agent share. */
export interface DeliveriesOptions {
  readonly spool: Spool
  readonly node: string
  readonly log: AgentLog
  /** Bytes that each may have under way. */
  readonly mostBytes: number
  readonly create: CreateDestination
}

/** A delivery that goes on. */
interface Running {
  readonly config: SinkConfig
  readonly delivery: Delivery
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** The deliveries of an agent, one a sink of its configuration. */
export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #running = new Map<string, Running>()

  constructor(options: DeliveriesOptions) {
    this.#options = options
  }

  /**
   * Goes on with these sinks: stops those that are gone or have changed, and starts those that are new or have; the others
   * notice nothing. One that goes on under its name goes on where it was.
   *
   * @returns the names of those that were started or stopped
   * @throws if one cannot be made: then nothing has changed
   */
  async use(sinks: readonly SinkConfig[]): Promise<readonly string[]> {
    const fresh = sinks.filter((sink) => !isDeepStrictEqual(this.#running.get(sink.name)?.config, sink))
    const made: Destination[] = []
    try {
      for (const sink of fresh) made.push(await this.#create(sink))
    } catch (error) {
      await Promise.all(made.map((destination) => destination.close()))
      throw error
    }
    for (const { name } of fresh) this.#options.spool.addReader(name)
    const names = sinks.map(({ name }) => name)
    const gone = [...this.#running.keys()].filter((name) => !names.includes(name))
    for (const name of [...gone, ...fresh.map((sink) => sink.name)]) await this.#stop(name)
    for (const name of gone) this.#options.spool.forgetReader(name)
    for (const [index, sink] of fresh.entries()) this.#start(sink, made[index] as Destination)
    return [...gone, ...fresh.map(({ name }) => name)]
  }

  /** How each does. */
  states(): readonly SinkState[] {
    return [...this.#running.values()].map(({ config, delivery }) => {
      const { state, sinceMs, error, backlogBytes, counters } = delivery
      return {
        name: config.name,
        type: config.type,
        ...(state === 'opening' ? {} : { up: state === 'up', sinceMs }),
        ...(error === undefined ? {} : { reason: error.message }),
        backlogBytes,
        delivered: counters.delivered,
        lost: Object.fromEntries(counters.lost),
      }
    })
  }

  /** Waits until all has arrived that the spool holds, or until `patience` aborts. @returns whether it has */
  async drain(patience: AbortSignal): Promise<boolean> {
    for (;;) {
      if ([...this.#running.values()].every(({ delivery }) => delivery.idle)) return true
      if (patience.aborted) return false
      await sleep(LOOK_EVERY_MS)
    }
  }

  /** Stops all. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)))
  }

  #create(sink: SinkConfig): Promise<Destination> {
    const log = this.#options.log.with({ sink: sink.name })
    return this.#options.create(sink, {
      node: this.#options.node,
      note: (message, details) => log.info(message, details),
    })
  }

  #start(config: SinkConfig, destination: Destination): void {
    const { spool, node, mostBytes } = this.#options
    const log = this.#options.log.with({ sink: config.name })
    const delivery = new Delivery(destination, spool.reader(config.name), {
      node,
      mostBytes,
      changed: (state, sinceMs, error, before) => {
        const since = new Date(sinceMs).toISOString()
        const { backlogBytes } = delivery
        const down = before === 'down' ? { down_since: since } : {}
        if (state === 'up') return log.info('sink is up', { ...down, backlog_bytes: backlogBytes })
        const up = before === 'up' ? { up_since: since } : {}
        const details = { error: error?.message, kind: error?.kind, ...up }
        if (error?.passing === false)
          return log.error('sink is down, and will be until somebody mends it', details)
        log.warn('sink is down: tried again until it is up', details)
      },
    })
    const stop = new AbortController()
    this.#running.set(config.name, { config, delivery, stop, done: delivery.run(stop.signal) })
  }

  async #stop(name: string): Promise<void> {
    const running = this.#running.get(name)
    if (running === undefined) return
    this.#running.delete(name)
    running.stop.abort()
    await running.done
    await running.delivery.close()
  }
}
