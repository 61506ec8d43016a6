import { ANSWER } from '../wire/answers.js'
import type { Came } from '../wire/fetched-place.js'
import type { GroupLibrary, TopicCluster } from '../wire/topic-cluster.js'
import type { Attempts } from './attempts.js'
import { type FetchAnswer, Fetches } from './fetches.js'
import type { GroupEvents, Positions } from './group-events.js'
import type { GroupPlace } from './group-place.js'
import { Held } from './held.js'
import { RecordTaker } from './record-taker.js'
import { SilentPlaces } from './silent-places.js'

/** Once brokers are back, others who write bring what they kept: for so long time waits for them. */
const AFTER_OUTAGE_MS = 15_000

/** What a partition has, to be looked at. */
interface Passed extends Came {
  readonly place: GroupPlace
}

/** Reads the partitions that a member was given: fetches, hands records out, and says which have nothing for now. */
export class Reading {
  /** Partitions that are read. */
  readonly places = new Map<number, GroupPlace>()
  /** Partitions that do not have the offset that was asked for. */
  readonly astray = new Set<number>()
  readonly #cluster: TopicCluster
  readonly #events: GroupEvents
  readonly #attempts: Attempts
  readonly #fetches: Fetches
  readonly #taker: RecordTaker
  readonly #held = new Held()
  readonly #silent: SilentPlaces
  #failedMs = Number.NEGATIVE_INFINITY
  /** When no partition answered, last. */
  #deafMs = Number.NEGATIVE_INFINITY

  /** @param parts `wake` is called when there is something to take */
  constructor(
    kafka: GroupLibrary,
    parts: {
      readonly cluster: TopicCluster
      readonly events: GroupEvents
      readonly attempts: Attempts
      readonly wake: () => void
    },
  ) {
    this.#cluster = parts.cluster
    this.#events = parts.events
    this.#attempts = parts.attempts
    this.#fetches = new Fetches(parts.cluster, parts.wake)
    this.#taker = new RecordTaker(kafka, parts.events)
    this.#silent = new SilentPlaces(parts.cluster.topic, (text) => parts.events.say(text))
  }

  /** How far partitions were looked at. */
  get positions(): Positions {
    return new Map([...this.places].map(([partition, { taken }]) => [partition, taken]))
  }

  /** Asks for what is next. */
  async start(): Promise<void> {
    const nowMs = performance.now()
    const places = [...this.places.values()].filter((place) => {
      const isAhead = this.#events.isAhead(place.partition)
      this.#held.note(place.partition, isAhead, nowMs)
      if (isAhead) place.excuse(nowMs)
      return !isAhead
    })
    await this.#attempts.try('read', () => this.#fetches.start(places))
  }

  /**
   * Hands out what came.
   *
   * @param topicId what comes of another topic is left
   * @param looked is awaited behind each answer
   */
  async take(topicId: string | undefined, looked: () => Promise<void>): Promise<void> {
    for (const answer of this.#fetches.take()) {
      const passed = this.#passed(answer, topicId)
      // The next are on their way while these are looked at.
      await this.start()
      for (const { place, batches, spoilt } of passed) {
        this.#taker.take(place, batches)
        if (spoilt !== undefined) this.#taker.giveUp(place, spoilt)
      }
      await looked()
    }
  }

  /** What it had to wait for, in words; `undefined` if nothing. */
  get heldText(): string | undefined {
    return this.#held.text(performance.now())
  }

  /** It reads on after a time in which nothing was asked. */
  goOn(): void {
    for (const place of this.places.values()) place.excuse(performance.now())
  }

  /**
   * Nobody waits for what has nothing; and where nothing is left to read, time goes on by itself.
   *
   * @param others partitions that other members read
   */
  timeGoesOn(nowMs: number, others: Iterable<GroupPlace>): void {
    const own = [...this.places.values()]
    const places = [...own, ...others]
    if (own.every(({ answeredMs }) => answeredMs > this.#failedMs)) this.#attempts.works('fetch')
    if (!own.some((place) => place.isAnswering(nowMs))) this.#deafMs = nowMs
    const isOutage = nowMs - this.#failedMs < AFTER_OUTAGE_MS
    for (const place of places) {
      this.#silent.note(place, nowMs, this.#deafMs)
      const sinceMs = place.restsSinceMs(nowMs, this.#deafMs, isOutage)
      if (sinceMs > Number.NEGATIVE_INFINITY) this.#events.quiet(place.partition, sinceMs)
    }
    const isRead = places.every(({ isAtEnd }) => isAtEnd)
    const staleMs = Math.max(0, ...places.map((place) => place.staleMs(nowMs)))
    if (isRead && !isOutage) this.#events.tick(staleMs)
  }

  /** What an answer says of partitions; their batches are still to be looked at. */
  #passed(answer: FetchAnswer, topicId: string | undefined): Passed[] {
    const { asked, askedMs, fetched, error, topicId: of } = answer
    if (fetched === undefined || fetched.errorCode !== ANSWER.NONE) {
      this.#failed(fetched === undefined ? error : this.#cluster.fault(fetched.errorCode))
      return []
    }
    return fetched.partitions.flatMap(({ partition, errorCode, end, batches: bytes }) => {
      const place = this.places.get(partition)
      const from = asked.find((one) => one.partition === partition)?.offset
      // It was given up, or moved, since it was asked for.
      if (place === undefined || place.next !== from || of !== topicId) return []
      if (errorCode === ANSWER.OFFSET_OUT_OF_RANGE) {
        this.astray.add(partition)
        return []
      }
      if (errorCode !== ANSWER.NONE) {
        this.#failed(this.#cluster.fault(errorCode))
        return []
      }
      if (place.answered(end, askedMs)) this.#events.taken(partition)
      const came = place.look(bytes, end)
      return came === undefined ? [] : [{ place, ...came }]
    })
  }

  #failed(error: unknown): void {
    this.#failedMs = performance.now()
    this.#attempts.failed('fetch', error)
  }
}
