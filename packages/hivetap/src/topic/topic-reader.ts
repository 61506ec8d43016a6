import type { Consumer, RecordsBatch } from '@platformatic/kafka'
import { causesOf } from '../sinks/kafka/causes.js'
import { InputError } from './input-error.js'
import { inputError, openConsumer } from './open-consumer.js'
import { Place, type Placed } from './place.js'
import type { TopicAccess } from './topic-access.js'
import { EARLIEST, LATEST } from './wire/list-offsets.js'

const PARTITION_BYTES = 2 * 1024 * 1024
const FETCH_BYTES = 16 * 1024 * 1024
const MOST_WAIT_MS = 500
/** Answers without a record that follow on each other, before what is left is taken to be gone. */
const MOST_EMPTY = 20
/** How long nothing may come before it is given up: brokers need some of it to choose another leader. */
const MOST_SILENT_MS = 60_000
/** How long is waited after a failure. */
const RETRY_MS = 1000

/** Given the records of a batch; their values are not kept for it. */
export type TakeRecords = (place: Place, records: readonly Placed[]) => void

/** Reads a topic from its beginning, or from a time, up to where it ended when reading began. */
export class TopicReader {
  readonly #topic: string
  readonly #consumer: Consumer
  #places: readonly Place[] = []

  private constructor(topic: string, consumer: Consumer) {
    this.#topic = topic
    this.#consumer = consumer
  }

  /**
   * Connects, and notes where each partition begins and ends.
   *
   * @param fromMs records before that time are passed over as far as the brokers know it: milliseconds since 1970
   * @throws {InputError} if the brokers cannot be reached, or there is no such topic
   */
  static async open(access: TopicAccess, fromMs?: number): Promise<TopicReader> {
    const consumer = await openConsumer(access)
    const reader = new TopicReader(access.topic, consumer)
    try {
      await reader.#locate(fromMs)
      return reader
    } catch (error) {
      await reader.close()
      throw inputError(`Cannot read the topic ${access.topic} from ${access.brokers.join(',')}`, error)
    }
  }

  /** The partitions, and how far they are read. */
  get places(): readonly Place[] {
    return this.#places
  }

  /** Offsets that are still to be read. */
  get left(): number {
    return this.#places.reduce((sum, { next, end }) => sum + Math.max(0, Number(end - next)), 0)
  }

  /**
   * For each partition whose beginning was deleted, the time of its first batch, milliseconds since 1970: what is older may have
   * been deleted too.
   *
   * @throws {InputError}
   */
  async truncatedAt(): Promise<readonly number[]> {
    try {
      const earliest = await this.#offsets(EARLIEST)
      const times: number[] = []
      for (const { partition, end } of this.#places) {
        const first = earliest[partition] ?? 0n
        if (first === 0n || first >= end) continue
        const [batch] = await this.#firstBatches(partition, first)
        if (batch !== undefined && batch.maxTimestamp >= 0n) times.push(Number(batch.maxTimestamp))
      }
      return times
    } catch (error) {
      throw inputError(`Cannot read where the topic ${this.#topic} begins`, error)
    }
  }

  /**
   * Reads all of it; records of one partition come in their order.
   *
   * @throws {InputError} if the brokers are gone, and stay away
   */
  async read(take: TakeRecords): Promise<void> {
    const all = this.left
    let cameAt = performance.now()
    while (this.left > 0) {
      const before = this.left
      try {
        await this.#readOn(take)
      } catch (error) {
        if (this.left < before) cameAt = performance.now()
        const seconds = Math.round((performance.now() - cameAt) / 1000)
        if (seconds * 1000 >= MOST_SILENT_MS) {
          const where = `${all - this.left} of ${all} offsets were read, then none for ${seconds} s`
          throw inputError(`Cannot read the topic ${this.#topic} to its end (${where})`, error)
        }
        await this.#recover(error)
      }
    }
  }

  async close(): Promise<void> {
    try {
      await this.#consumer.close(true)
    } catch {
      // What was read is no less read.
    }
  }

  async #locate(fromMs: number | undefined): Promise<void> {
    const [earliest, latest] = await Promise.all([this.#offsets(EARLIEST), this.#offsets(LATEST)])
    const asked =
      fromMs === undefined ? earliest : await this.#offsets(BigInt(Math.max(0, Math.floor(fromMs))))
    // -1: there is no record of that time or later.
    this.#places = latest.map((end, partition) => {
      const from = asked[partition] ?? 0n
      return new Place(partition, from < 0n ? end : from, end)
    })
  }

  async #offsets(timestamp: bigint): Promise<readonly bigint[]> {
    const topics = await this.#consumer.listOffsets({ topics: [this.#topic], timestamp, isolationLevel: 0 })
    const offsets = topics.get(this.#topic)
    if (offsets === undefined) throw new InputError(`The brokers know no topic ${this.#topic}`)
    return offsets
  }

  /** Reads from all leaders at once, until all is read or one fails. */
  async #readOn(take: TakeRecords): Promise<void> {
    const { leaders } = await this.#leaders()
    const byLeader = new Map<number, Place[]>()
    for (const place of this.#places) {
      if (place.isRead) continue
      const leader = leaders[place.partition] ?? -1
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), place])
    }
    const ends = await Promise.allSettled(
      [...byLeader].map(([node, places]) => this.#readFrom(node, places, take)),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  async #readFrom(node: number, places: readonly Place[], take: TakeRecords): Promise<void> {
    let open = places
    let pending = this.#fetch(node, open, PARTITION_BYTES)
    let empty = 0
    for (;;) {
      const fetched = await pending
      const passed = [...fetched].flatMap(([partition, batches]) => {
        const place = places.find((one) => one.partition === partition)
        return place === undefined ? [] : batches.map((batch) => ({ place, records: place.pass(batch) }))
      })
      empty = passed.length === 0 ? empty + 1 : 0
      if (empty > MOST_EMPTY) for (const place of open) place.giveUp()
      open = places.filter((place) => !place.isRead)
      // The next are on their way while these are taken; a failure is seen when they are awaited.
      if (open.length > 0) {
        pending = this.#fetch(node, open, PARTITION_BYTES)
        pending.catch(() => undefined)
      }
      for (const { place, records } of passed) take(place, records)
      if (open.length === 0) return
    }
  }

  async #firstBatches(partition: number, offset: bigint): Promise<readonly RecordsBatch[]> {
    const { leaders } = await this.#leaders()
    const place = new Place(partition, offset, offset + 1n)
    return (await this.#fetch(leaders[partition] ?? -1, [place], 1)).get(partition) ?? []
  }

  /** @returns batches by partition */
  async #fetch(
    node: number,
    places: readonly Place[],
    partitionMaxBytes: number,
  ): Promise<ReadonlyMap<number, readonly RecordsBatch[]>> {
    const { topicId } = await this.#leaders()
    const partitions = places.map(({ partition, next }) => ({
      partition,
      fetchOffset: next,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
      partitionMaxBytes,
    }))
    const { responses } = await this.#consumer.fetch({
      node,
      topics: [{ topicId, partitions }],
      maxWaitTime: MOST_WAIT_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      // The client's own way to leave out what was not committed loses its place: Place counts such records instead.
      isolationLevel: 0,
    })
    return new Map(
      responses
        .flatMap((topic) => topic.partitions)
        .map(({ partitionIndex, records = [] }) => [partitionIndex, records]),
    )
  }

  async #leaders(): Promise<{ readonly topicId: string; readonly leaders: readonly number[] }> {
    const metadata = await this.#consumer.metadata({ topics: [this.#topic] })
    const topic = metadata.topics.get(this.#topic)
    if (topic === undefined) throw new InputError(`The brokers know no topic ${this.#topic}`)
    return { topicId: topic.id, leaders: topic.partitions.map(({ leader }) => leader) }
  }

  /** A partition has another leader, or begins later than it did; or the network failed. */
  async #recover(error: unknown): Promise<void> {
    this.#consumer.clearMetadata()
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    if (!causesOf(error).some(({ apiId }) => apiId === 'OFFSET_OUT_OF_RANGE')) return
    const earliest = await this.#offsets(EARLIEST).catch(() => [])
    for (const place of this.#places) place.deleteUntil(earliest[place.partition] ?? 0n)
  }
}
