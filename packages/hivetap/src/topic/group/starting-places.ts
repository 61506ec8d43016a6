import { EARLIEST, LATEST } from '../wire/list-offsets.js'
import type { TopicCluster } from '../wire/topic-cluster.js'
import type { Positions } from './group-events.js'
import type { Membership } from './membership.js'

/** How far a topic was read, as somebody else remembers it. */
export interface KnownPositions {
  /** Which topic: another of the same name is to be read from its beginning. */
  readonly topicId: string | undefined
  readonly offsets: Positions
}

/** Finds where partitions are to be read from. */
export class StartingPlaces {
  readonly #cluster: TopicCluster
  readonly #membership: Membership
  readonly #fromBeginning: boolean
  readonly #known: Map<number, number>
  #knownId: string | undefined
  readonly #say: (text: string) => void
  /** Whether the topic is another than the one that was read before, under the same name. */
  isAnother = false

  constructor(
    cluster: TopicCluster,
    membership: Membership,
    {
      fromBeginning,
      known,
    }: { readonly fromBeginning: boolean; readonly known?: KnownPositions | undefined },
    say: (text: string) => void,
  ) {
    this.#cluster = cluster
    this.#membership = membership
    this.#fromBeginning = fromBeginning
    this.#known = new Map(known?.offsets)
    this.#knownId = known?.topicId
    this.#say = say
  }

  /** A partition is read up to there by this member. */
  remember(partition: number, offset: number): void {
    this.#known.set(partition, offset)
  }

  /**
   * Where to begin: behind what this member knows to be read, or the group; where both know nothing, as is asked for.
   *
   * @throws {DeliveryError} {@link InputError}
   */
  async of(partitions: readonly number[], topicId: string | undefined): Promise<Positions> {
    const isAnother = this.#isAnother(topicId)
    const committed = await this.#membership.committed(partitions)
    const starts = new Map<number, number>()
    const unknown: number[] = []
    let anew = isAnother
    for (const partition of partitions) {
      const { offset = -1, note } = committed.get(partition) ?? {}
      const isOfAnother = isAnotherTopic(note?.topicId, topicId)
      if (isOfAnother) anew = true
      const start = Math.max(isOfAnother ? -1 : offset, this.#known.get(partition) ?? -1)
      if (start >= 0) starts.set(partition, start)
      else unknown.push(partition)
    }
    if (unknown.length > 0) {
      // What was made anew is news from its first record on.
      const which = this.#fromBeginning || anew ? EARLIEST : LATEST
      for (const [partition, offset] of await this.#cluster.offsets(unknown, which))
        starts.set(partition, offset)
    }
    if (anew) this.#say(`topic ${this.#cluster.topic} was made anew: it is read from its beginning`)
    this.#knownId = topicId
    this.isAnother = false
    return starts
  }

  /** Where to go on in a partition that does not have this offset. @throws {DeliveryError} */
  async anew(partition: number, offset: number): Promise<number> {
    const first = (await this.#cluster.offsets([partition], EARLIEST)).get(partition) ?? 0
    const where = `partition ${partition} of topic ${this.#cluster.topic}`
    if (first > offset)
      this.#say(
        `${where}: ${first - offset} records were deleted before they were read; it goes on at ${first}`,
      )
    else
      this.#say(
        `${where}: ends before ${offset}, up to where it was read: the brokers lost records; it is read from its beginning, ${first}`,
      )
    return first
  }

  #isAnother(topicId: string | undefined): boolean {
    const isAnother = isAnotherTopic(this.#knownId, topicId)
    if (isAnother || this.isAnother) this.#known.clear()
    return isAnother || this.isAnother
  }
}

/** Whether two are known to be different. */
export function isAnotherTopic(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other
}
