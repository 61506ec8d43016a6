import { DeliveryError } from '../../delivery/destination.js'
import { causesOf } from '../../sinks/kafka/causes.js'
import { InputError } from '../input-error.js'
import type { TopicAccess } from '../topic-access.js'
import { ANSWER } from '../wire/answers.js'
import { batchesIn } from '../wire/batches-in.js'
import { decompressWith } from '../wire/decompress.js'
import { EARLIEST, LATEST } from '../wire/list-offsets.js'
import type { BatchBytes } from '../wire/record-batch.js'
import { byLeader, type GroupLibrary, isFinal, readingError, TopicCluster } from '../wire/topic-cluster.js'
import { LeaderReading } from './leader-reading.js'
import { Place } from './place.js'
import { batchTaker, type TakeRecord } from './take-batch.js'

const REQUEST_TIMEOUT_MS = 20_000
/** How long nothing may come before it is given up: brokers need some of it to choose another leader. */
const MOST_SILENT_MS = 60_000
/** How long is waited after a failure. */
const RETRY_MS = 1000
/** How often it is tried to learn what there is to read. */
const TRIES = 3

/** Reads a topic from its beginning, or from a time, up to where it ended when reading began. It joins no group. */
export class TopicReader {
  readonly #kafka: GroupLibrary
  readonly #cluster: TopicCluster
  #places: readonly Place[] = []

  private constructor(kafka: GroupLibrary, access: TopicAccess) {
    this.#kafka = kafka
    const config = { ...access, request_timeout_ms: REQUEST_TIMEOUT_MS }
    this.#cluster = new TopicCluster(kafka, config, access.topic)
  }

  /**
   * Connects, and notes where each partition begins and ends.
   *
   * @param fromMs records before that time are passed over as far as the brokers know it: milliseconds since 1970
   * @throws {InputError} if the brokers cannot be reached, or there is no such topic
   */
  static async open(access: TopicAccess, fromMs?: number): Promise<TopicReader> {
    // Loaded only now: it takes longer than most commands run.
    const reader = new TopicReader(await import('../wire/group-library.js'), access)
    try {
      await reader.#learn(() => reader.#locate(fromMs))
      return reader
    } catch (error) {
      reader.close()
      throw error
    }
  }

  /** The partitions, and how far they are read. */
  get places(): readonly Place[] {
    return this.#places
  }

  /** Offsets that are still to be read. */
  get left(): number {
    return this.#places.reduce((sum, { taken, end }) => sum + Math.max(0, end - taken), 0)
  }

  /**
   * For each partition whose beginning was deleted, the time of its first batch, milliseconds since 1970: what is older may have
   * been deleted too.
   *
   * @throws {InputError}
   */
  async truncatedAt(): Promise<readonly number[]> {
    return this.#learn(async () => {
      const earliest = await this.#offsets(EARLIEST)
      const times: number[] = []
      for (const { partition, end } of this.#places) {
        const first = earliest.get(partition) ?? 0
        if (first === 0 || first >= end) continue
        const batch = await this.#batchAt(partition, first)
        if (batch !== undefined && batch.lastTimeMs >= 0) times.push(batch.lastTimeMs)
      }
      return times
    })
  }

  /**
   * Reads all of it; records of one partition come in their order.
   *
   * @throws {InputError} if the brokers are gone, and stay away; or may not be read from
   */
  async read(take: TakeRecord): Promise<void> {
    const takeBatch = batchTaker(decompressWith(this.#kafka), take)
    const all = this.left
    let cameAt = performance.now()
    while (this.left > 0) {
      const before = this.left
      try {
        await this.#readOn(takeBatch)
      } catch (error) {
        if (isFinal(error)) throw readingError(error, this.#cluster.topic)
        if (this.left < before) cameAt = performance.now()
        const silentMs = performance.now() - cameAt
        if (silentMs >= MOST_SILENT_MS) {
          const seconds = Math.round(silentMs / 1000)
          const where = `${all - this.left} of ${all} offsets were read, then none for ${seconds} s`
          const why = error instanceof Error ? error.message : String(error)
          const what = `Cannot read the topic ${this.#cluster.topic} to its end`
          throw new InputError(`${what} (${where}): ${why}`, { cause: error })
        }
        await this.#rest()
        if (causesOf(error).some(({ apiId }) => apiId === 'OFFSET_OUT_OF_RANGE')) await this.#beginLater()
      }
    }
  }

  /** Ends all connections at once. */
  close(): void {
    this.#cluster.close()
  }

  async #locate(fromMs: number | undefined): Promise<void> {
    const { leaders } = await this.#cluster.known()
    this.#places = [...leaders.keys()].map((partition) => new Place(partition, 0, 0))
    const from = fromMs === undefined ? EARLIEST : BigInt(Math.max(0, Math.floor(fromMs)))
    const [starts, ends] = await Promise.all([this.#offsets(from), this.#offsets(LATEST)])
    this.#places = this.#places.map(({ partition }) => {
      const end = ends.get(partition) ?? 0
      const start = starts.get(partition) ?? -1
      // -1: there is no record of that time or later.
      return new Place(partition, start < 0 ? end : start, end)
    })
  }

  #offsets(which: bigint): Promise<ReadonlyMap<number, number>> {
    return this.#cluster.offsets(
      this.#places.map(({ partition }) => partition),
      which,
    )
  }

  async #batchAt(partition: number, offset: number): Promise<BatchBytes | undefined> {
    const { leaders, id } = await this.#cluster.known()
    const leader = leaders[partition]
    if (leader === undefined) throw this.#cluster.fault(ANSWER.LEADER_NOT_AVAILABLE)
    const { partitions } = await this.#cluster.fetch(leader, id, [{ partition, offset }])
    const found = partitions.find((one) => one.partition === partition)
    if (found === undefined || found.errorCode !== ANSWER.NONE) return undefined
    return batchesIn(found.batches, offset, found.end).batches[0]
  }

  /** Reads from all leaders at once, until all is read or one fails. */
  async #readOn(takeBatch: (place: Place, batch: BatchBytes) => void): Promise<void> {
    const cluster = this.#cluster
    const { leaders, id: topicId } = await cluster.known()
    const open = new Map(
      this.#places.filter(({ taken, end }) => taken < end).map((place) => [place.partition, place]),
    )
    const ends = await Promise.allSettled(
      [...byLeader(open.keys(), leaders)].map(async ([leader, partitions]) => {
        if (leader === undefined) throw cluster.fault(ANSWER.LEADER_NOT_AVAILABLE)
        const places = partitions.flatMap((partition) => open.get(partition) ?? [])
        await new LeaderReading({ cluster, leader, topicId, places, takeBatch }).run()
      }),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  /** Partitions that begin later than they did, since records were deleted, are read from there. */
  async #beginLater(): Promise<void> {
    const earliest = await this.#offsets(EARLIEST).catch(() => new Map<number, number>())
    for (const place of this.#places) place.deleteUntil(earliest.get(place.partition) ?? 0)
  }

  /** @throws {InputError} if brokers do not answer though they are asked again */
  async #learn<T>(ask: () => Promise<T>): Promise<T> {
    for (let left = TRIES; ; ) {
      try {
        return await ask()
      } catch (error) {
        const isPassing = error instanceof DeliveryError && error.passing
        if (--left === 0 || !isPassing) throw readingError(error, this.#cluster.topic)
        await this.#rest()
      }
    }
  }

  async #rest(): Promise<void> {
    this.#cluster.forget()
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}
