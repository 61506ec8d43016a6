import type { JsonObject } from '../../stream/json-object.js'
import { sleep } from '../../stream/sleep.js'
import type { KubeClient } from '../client/kube-client.js'
import { KubeError } from '../client/kube-error.js'
import { listObjects } from '../client/list-objects.js'
import type { KubeObject } from '../client/object-meta.js'
import type { Selection } from '../client/resource.js'
import { isLater } from '../client/resource-version.js'
import { watchObjects } from '../client/watch-objects.js'
import { Backoff } from './backoff.js'
import { isPassing, mustListAfter } from './failures.js'
import { ListPlan } from './list-plan.js'
import { noCounts, type WatchCounts } from './watch-counts.js'
import type { WatchSink } from './watch-sink.js'
import type { WatchState } from './watch-state.js'
import { TIMINGS, type WatchTimings } from './watch-timings.js'

/** As many as a large cluster has of anything. */
const MOST_OBJECTS = 200_000

/** What a {@link Watcher} is to follow, and how. */
export interface WatcherOptions<T> {
  readonly selection: Selection
  /**
   * What is kept of an object; `undefined` if it is not wanted. It is called with each as it comes, and is to keep no part of
   * it that is large: a string cut from it keeps all of it.
   */
  readonly pick: (object: JsonObject) => T | undefined
  readonly sink: WatchSink<T>
  /** Objects that are taken; of more there are, the rest is counted. */
  readonly mostObjects?: number
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
  readonly #options: WatcherOptions<T>
  readonly #timings: WatchTimings
  readonly #random: () => number
  readonly #backoff: Backoff
  readonly #plan = new ListPlan()
  #state: WatchState | undefined
  /** What the sink was told that there is, by UID. */
  #objects = new Map<string, T>()
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
    this.#options = options
    this.#timings = { ...TIMINGS, ...options.timings }
    this.#random = options.random ?? Math.random
    this.#backoff = new Backoff(this.#timings.backoffFirstMs, this.#timings.backoffMostMs, this.#random)
  }

  /** As the sink was told it last. */
  get state(): WatchState {
    return this.#state ?? { kind: 'listing' }
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
      `${server} ended a watch of ${this.#options.selection.resource.plural} within ${shortMs} ms of its start: it may be stopping.`,
    )
  }

  async #list(signal: AbortSignal): Promise<void> {
    // While it is away that is what is to be said, until it has answered.
    if (this.#state?.kind !== 'away') this.#say({ kind: 'listing' })
    const { selection } = this.#options
    const { listIdleMs: idleMs, pageMs } = this.#timings
    const objects = new Map<string, T>()
    const options = { ...this.#plan.next(this.#version), signal, idleMs, pageMs }
    this.#version = await listObjects(this.#client, selection, options, {
      page: () => this.counts.pages++,
      object: (object) => {
        const picked = this.#pick(object)
        if (picked !== undefined) this.#keep(objects, object.key.uid, picked)
      },
      malformed: () => this.counts.malformed++,
      tooLarge: () => this.counts.tooLarge++,
    })
    signal.throwIfAborted()
    this.counts.lists++
    this.#objects = objects
    this.#options.sink.replace(objects.values())
    this.#plan.succeeded()
    this.#mustList = false
    this.#owesList = false
    this.#silences = 0
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { selection, sink } = this.#options
    const { watchMs, idleMs } = this.#timings
    const timeoutSeconds = Math.ceil((watchMs * (1 + this.#random())) / 1000)
    await watchObjects(
      this.#client,
      selection,
      { resourceVersion, timeoutSeconds, idleMs, signal },
      {
        begin: () => {
          this.counts.watches++
          this.#say({ kind: 'watching' })
        },
        put: (object) => {
          this.counts.events++
          const { uid } = object.key
          const picked = this.#pick(object)
          if (picked === undefined) this.#drop(uid)
          else if (this.#keep(this.#objects, uid, picked)) sink.put(picked)
          this.#reach(object.resourceVersion)
        },
        remove: (object) => {
          this.counts.events++
          this.#drop(object.key.uid, object)
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

  /** What is kept of it. An object that the caller cannot read is as one that is not there: what was known of it is old. */
  #pick({ object }: KubeObject): T | undefined {
    try {
      return this.#options.pick(object)
    } catch {
      this.counts.malformed++
      return undefined
    }
  }

  /** Within the bound: whether it was taken. */
  #keep(objects: Map<string, T>, uid: string, picked: T): boolean {
    const isTaken = objects.has(uid) || objects.size < (this.#options.mostObjects ?? MOST_OBJECTS)
    if (isTaken) objects.set(uid, picked)
    else this.counts.tooMany++
    return isTaken
  }

  #drop(uid: string, last?: KubeObject): void {
    const known = this.#objects.get(uid)
    if (known === undefined) return
    this.#objects.delete(uid)
    this.#options.sink.remove((last && this.#pick(last)) ?? known)
  }

  /** The sink has everything up to here. A store that was put back to an earlier state counts on from there. */
  #reach(version: string): void {
    this.#silences = 0
    if (this.#version !== undefined && isLater(this.#version, version)) this.#owesList = true
    else this.#version = version
  }

  /** What follows from a failure. @returns how long to wait, milliseconds */
  #waitAfter({ kind, message: reason, retryAfterMs }: KubeError): number {
    const isExpired = kind === 'expired'
    if (this.#mustList) this.#plan.failed(isExpired)
    if (isExpired) this.counts.expired++
    else this.counts.failures++
    if (kind === 'silent') this.#silences++
    // From here on it cannot be read, or the server waits for what will not come.
    if (mustListAfter(kind) || this.#silences > 1) this.#mustList = true
    // What is too old is not the server's absence, unless it is away already.
    if (!isExpired || this.#state?.kind === 'away') {
      const sinceMs = this.#state?.kind === 'away' ? this.#state.sinceMs : Date.now()
      this.#say({ kind: 'away', sinceMs, error: kind, reason })
    }
    return this.#backoff.next(isPassing(kind), retryAfterMs)
  }

  #say(state: WatchState): void {
    const isSame =
      state.kind === this.#state?.kind &&
      (state.kind !== 'away' || (this.#state.kind === 'away' && state.reason === this.#state.reason))
    if (isSame) return
    this.#state = state
    this.#options.sink.state?.(state)
  }
}
