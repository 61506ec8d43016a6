import { sleep } from '../../stream/sleep.js'
import type { KubeClient } from '../client/kube-client.js'
import { KubeError } from '../client/kube-error.js'
import { listObjects } from '../client/list-objects.js'
import type { Selection } from '../client/resource.js'
import { isLater } from '../client/resource-version.js'
import { watchObjects } from '../client/watch-objects.js'
import { Backoff } from './backoff.js'
import { isPassing, mustListAfter } from './failures.js'
import { type KeepOptions, KeptObjects } from './kept-objects.js'
import { ListPlan } from './list-plan.js'
import { ToldState } from './told-state.js'
import { noCounts, type WatchCounts } from './watch-counts.js'
import type { WatchState } from './watch-state.js'
import { TIMINGS, type WatchTimings } from './watch-timings.js'

/** What a {@link Watcher} is to follow, and how. */
export interface WatcherOptions<T> extends KeepOptions<T> {
  readonly selection: Selection
  readonly timings?: Partial<WatchTimings>
  /** From 0 to 1. */
  readonly random?: () => number
}

/**
 * Keeps a sink equal to what the API server has of a selection: it lists, watches from there, goes on where a watch ended, and
 * lists anew when the server has forgotten that place. While the server is away it says so, and tries again for ever: what it
 * lacks, such as a right, can be given meanwhile.
 */
export class Watcher<T> {
  readonly counts: WatchCounts = noCounts()
  readonly #client: KubeClient
  readonly #selection: Selection
  readonly #timings: WatchTimings
  readonly #random: () => number
  readonly #backoff: Backoff
  readonly #plan = new ListPlan()
  readonly #objects: KeptObjects<T>
  readonly #state: ToldState
  #isRunning = false
  /** Up to where the sink has everything. */
  #version: string | undefined
  #mustList = true
  /** Something happened that could not be told to which object: after this watch all is listed anew. */
  #owesList = false
  /** Watches, one after the other, on which nothing came. */
  #silences = 0

  constructor(client: KubeClient, options: WatcherOptions<T>) {
    this.#client = client
    this.#selection = options.selection
    this.#objects = new KeptObjects(options, this.counts)
    this.#state = new ToldState(options.sink)
    this.#timings = { ...TIMINGS, ...options.timings }
    this.#random = options.random ?? Math.random
    this.#backoff = new Backoff(this.#timings.backoffFirstMs, this.#timings.backoffMostMs, this.#random)
  }

  /** As the sink was told it last. */
  get state(): WatchState {
    return this.#state.last
  }

  /**
   * Runs until the signal aborts; then it returns, and nothing of it is left. Afterwards it may run again.
   *
   * @throws what the sink throws
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#isRunning) throw new Error('a watcher runs once at a time')
    this.#isRunning = true
    try {
      while (!signal.aborted) {
        try {
          await this.#round(signal)
        } catch (error) {
          if (signal.aborted) return
          if (!(error instanceof KubeError)) throw error
          await sleep(this.#waitAfter(error), signal)
        }
      }
    } finally {
      this.#isRunning = false
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    if (this.#mustList) await this.#list(signal)
    const begun = performance.now()
    try {
      await this.#watch(this.#version ?? '', signal)
    } finally {
      if (performance.now() - begun >= this.#timings.healthyMs) this.#backoff.reset()
      if (this.#owesList) this.#mustList = true
    }
    const { shortMs } = this.#timings
    if (performance.now() - begun >= shortMs) return
    const { server } = this.#client.access
    throw new KubeError(
      'server_failed',
      `${server} ended a watch of ${this.#selection.resource.plural} within ${shortMs} ms of its start: it may be stopping.`,
    )
  }

  async #list(signal: AbortSignal): Promise<void> {
    this.#state.listing()
    const { listIdleMs: idleMs, pageMs } = this.#timings
    const list = this.#objects.list()
    const options = { ...this.#plan.next(this.#version), signal, idleMs, pageMs }
    this.#version = await listObjects(this.#client, this.#selection, options, {
      page: () => this.counts.pages++,
      object: (object) => list.add(object),
      malformed: () => this.counts.malformed++,
      tooLarge: () => this.counts.tooLarge++,
    })
    signal.throwIfAborted()
    this.counts.lists++
    list.end()
    this.#plan.succeeded()
    this.#mustList = false
    this.#owesList = false
    this.#silences = 0
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { watchMs, idleMs } = this.#timings
    const timeoutSeconds = Math.ceil((watchMs * (1 + this.#random())) / 1000)
    await watchObjects(
      this.#client,
      this.#selection,
      { resourceVersion, timeoutSeconds, idleMs, signal },
      {
        begin: () => {
          this.counts.watches++
          this.#state.watching()
        },
        put: (object) => {
          this.counts.events++
          this.#objects.put(object)
          this.#reach(object.resourceVersion)
        },
        remove: (object) => {
          this.counts.events++
          this.#objects.remove(object)
          this.#reach(object.resourceVersion)
        },
        bookmark: (version) => {
          this.counts.bookmarks++
          this.#reach(version)
        },
        malformed: () => {
          this.counts.malformed++
          this.#owesList = true
        },
        tooLarge: () => {
          this.counts.tooLarge++
          this.#owesList = true
        },
      },
    )
  }

  /** The sink has everything up to here. A store that was put back to an earlier state counts on from there. */
  #reach(version: string): void {
    this.#silences = 0
    if (this.#version !== undefined && isLater(this.#version, version)) this.#owesList = true
    else this.#version = version
  }

  /** What follows from a failure. @returns how long to wait, milliseconds */
  #waitAfter({ kind, message, retryAfterMs }: KubeError): number {
    const isExpired = kind === 'expired'
    if (this.#mustList) this.#plan.failed(isExpired)
    if (isExpired) this.counts.expired++
    else this.counts.failures++
    if (kind === 'silent') this.#silences++
    // From here on it cannot be read, or the server waits for what will not come.
    if (mustListAfter(kind) || this.#silences > 1) this.#mustList = true
    this.#state.failed(kind, message)
    return this.#backoff.next(isPassing(kind), retryAfterMs)
  }
}
