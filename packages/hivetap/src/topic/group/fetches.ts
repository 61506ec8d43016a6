import type { BrokerAddress } from '../../sinks/kafka/config.js'
import { addressText } from '../../sinks/kafka/known-brokers.js'
import { ANSWER } from '../wire/answers.js'
import type { Fetched } from '../wire/fetch-response.js'
import { byLeader, type FetchFrom, type TopicCluster } from '../wire/topic-cluster.js'
import type { GroupPlace } from './group-place.js'

/** After a failure, a broker is left alone for this long; twice as long each time, up to the second. */
const RETRY_MS = 250
const MOST_RETRY_MS = 8000
/** A leader that has not answered for so long is waited for, and it is asked whether it still leads. */
const DOUBT_MS = 3000

/** What a broker has answered, or that it has not. */
export interface FetchAnswer {
  /** What was asked for. */
  readonly asked: readonly FetchFrom[]
  /** When it was asked, by a clock that is never set: what it says was so then, or later. */
  readonly askedMs: number
  readonly topicId: string | undefined
  readonly fetched: Fetched | undefined
  readonly error: unknown
}

/**
 * Fetches from all leaders, one at a time from each: the next from a leader is under way while its last is looked at. So at
 * most two answers of each wait in memory.
 */
export class Fetches {
  readonly #cluster: TopicCluster
  readonly #wake: () => void
  /** Since when a leader is asked. */
  readonly #underWay = new Map<string, number>()
  #doubtedMs = Number.NEGATIVE_INFINITY
  readonly #restUntilMs = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  #answers: FetchAnswer[] = []

  /** @param wake called when there is an answer */
  constructor(cluster: TopicCluster, wake: () => void) {
    this.#cluster = cluster
    this.#wake = wake
  }

  /** Asks each leader for what is next of its partitions, unless it has not answered yet. @throws {DeliveryError} */
  async start(places: Iterable<GroupPlace>): Promise<void> {
    this.#doubt(performance.now())
    const { leaders, id } = await this.#cluster.known()
    // An answer has room for some, in the order in which they are asked for: who has waited longest is asked for first.
    const byWaiting = [...places].sort((a, b) => a.recordMs - b.recordMs)
    const byPartition = new Map(byWaiting.map((place) => [place.partition, place]))
    for (const [leader, partitions] of byLeader(byPartition.keys(), leaders)) {
      const name = leader === undefined ? '' : addressText(leader)
      if (this.#underWay.has(name) || performance.now() < (this.#restUntilMs.get(name) ?? 0)) continue
      const asked = partitions.map((partition) => ({
        partition,
        offset: byPartition.get(partition)?.next ?? 0,
      }))
      if (leader === undefined) this.#rest(name, true)
      else void this.#fetch(leader, name, id, asked)
    }
  }

  /** What came since it was asked last. */
  take(): readonly FetchAnswer[] {
    const answers = this.#answers
    this.#answers = []
    return answers
  }

  async #fetch(
    leader: BrokerAddress,
    name: string,
    topicId: string | undefined,
    asked: readonly FetchFrom[],
  ): Promise<void> {
    const askedMs = performance.now()
    this.#underWay.set(name, askedMs)
    let fetched: Fetched | undefined
    let error: unknown
    try {
      fetched = await this.#cluster.fetch(leader, topicId, asked)
    } catch (failure) {
      error = failure
    }
    const failed =
      fetched === undefined ||
      fetched.errorCode !== ANSWER.NONE ||
      fetched.partitions.some((each) => each.errorCode !== ANSWER.NONE)
    this.#rest(name, failed)
    this.#underWay.delete(name)
    this.#answers.push({ asked, askedMs, topicId, fetched, error })
    this.#wake()
  }

  #doubt(nowMs: number): void {
    const sinceMs = Math.min(...this.#underWay.values())
    if (nowMs - Math.max(sinceMs, this.#doubtedMs) < DOUBT_MS) return
    this.#doubtedMs = nowMs
    if (this.#underWay.size > 0) this.#cluster.doubt()
  }

  #rest(name: string, failed: boolean): void {
    if (!failed) {
      this.#failures.delete(name)
      this.#restUntilMs.delete(name)
      return
    }
    const failures = this.#failures.get(name) ?? 0
    this.#failures.set(name, failures + 1)
    this.#restUntilMs.set(name, performance.now() + Math.min(RETRY_MS * 2 ** failures, MOST_RETRY_MS))
    // Another may lead now.
    this.#cluster.forget()
  }
}
