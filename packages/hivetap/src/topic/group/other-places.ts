import { LATEST } from '../wire/list-offsets.js'
import type { TopicCluster } from '../wire/topic-cluster.js'
import type { Attempts } from './attempts.js'
import type { GroupEvents, Positions } from './group-events.js'
import { GroupPlace } from './group-place.js'
import type { Committed, Membership } from './membership.js'
import { isAnotherTopic } from './starting-places.js'

/** How often it is asked how far the others are. */
const ASK_MS = 1000

/** What the group and the brokers say of partitions. */
interface Found {
  readonly places: ReadonlyMap<number, GroupPlace>
  readonly askedMs: number
  readonly ends: Positions
  readonly committed: ReadonlyMap<number, Committed>
}

/**
 * Follows the partitions that are not this member's: how far they are done with, as whoever reads them commits it, and whether
 * that is all there is. Any of them may be this member's next, and then its events must not be late.
 */
export class OtherPlaces {
  readonly #cluster: TopicCluster
  readonly #membership: Membership
  readonly #events: GroupEvents
  readonly #attempts: Attempts
  #places = new Map<number, GroupPlace>()
  readonly #reachedUs = new Map<number, number>()
  #topicId: string | undefined
  #found: Found | undefined
  #underWay = false
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(parts: {
    readonly cluster: TopicCluster
    readonly membership: Membership
    readonly events: GroupEvents
    readonly attempts: Attempts
  }) {
    this.#cluster = parts.cluster
    this.#membership = parts.membership
    this.#events = parts.events
    this.#attempts = parts.attempts
  }

  /** Those that are followed. */
  get places(): ReadonlyMap<number, GroupPlace> {
    return this.#places
  }

  /** Partitions were shared out: these are others'. */
  follow(partitions: readonly number[], topicId: string | undefined): void {
    // What was asked before says nothing of those who have them now.
    this.#found = undefined
    this.#topicId = topicId
    this.#reachedUs.clear()
    this.#places = new Map(partitions.map((partition) => [partition, new GroupPlace(partition, 0)]))
    for (const partition of partitions) this.#events.elsewhere(partition, undefined)
  }

  /** Asks how far they are, if that is long enough ago. */
  ask(): void {
    if (this.#places.size === 0 || this.#underWay || performance.now() - this.#askedMs < ASK_MS) return
    this.#underWay = true
    this.#askedMs = performance.now()
    void this.#attempts
      .try('follow', () => this.#look(this.#places))
      .finally(() => {
        this.#underWay = false
      })
  }

  /** Hands on what was found: not while what is known is being saved. */
  take(): void {
    const found = this.#found
    this.#found = undefined
    if (found === undefined || found.places !== this.#places) return
    for (const place of found.places.values()) this.#takeOne(place, found)
  }

  async #look(places: ReadonlyMap<number, GroupPlace>): Promise<void> {
    const askedMs = performance.now()
    const partitions = [...places.keys()]
    // In this order: what is read up to an end that was asked for before, had nothing more then.
    const ends = await this.#cluster.offsets(partitions, LATEST)
    const committed = await this.#membership.committed(partitions)
    this.#found = { places, askedMs, ends, committed }
  }

  #takeOne(place: GroupPlace, { askedMs, ends, committed }: Found): void {
    const { partition } = place
    const { note } = committed.get(partition) ?? {}
    const end = ends.get(partition)
    // Who has it has said nothing yet, or that was of another topic.
    if (note === undefined || end === undefined || isAnotherTopic(note.topicId, this.#topicId)) return
    if (note.read === undefined) {
      // A consumer that says nothing of time: it is not known how far it is.
      this.#places.delete(partition)
      this.#events.given(partition)
      return
    }
    const { read, reachedUs } = note
    const hasMoved = read > place.taken || reachedUs !== this.#reachedUs.get(partition)
    place.take(read)
    if (reachedUs !== undefined) this.#reachedUs.set(partition, reachedUs)
    this.#events.elsewhere(partition, reachedUs)
    if (hasMoved || read >= end) place.answered(end, askedMs)
  }
}
