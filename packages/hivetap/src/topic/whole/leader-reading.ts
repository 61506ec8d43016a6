import type { BrokerAddress } from '../../sinks/kafka/config.js'
import { ANSWER } from '../wire/answers.js'
import type { FetchedPartition } from '../wire/fetch-response.js'
import type { Came } from '../wire/fetched-place.js'
import type { BatchBytes } from '../wire/record-batch.js'
import type { TopicCluster } from '../wire/topic-cluster.js'
import type { Place } from './place.js'

/** Answers without a record that follow on each other, before what is left is taken to be gone. */
const MOST_EMPTY = 20

/** What came of a partition, to be looked at. */
interface Passed extends Came {
  readonly place: Place
}

export interface LeaderReadingOptions {
  readonly cluster: TopicCluster
  readonly leader: BrokerAddress
  readonly topicId: string | undefined
  /** That it leads. */
  readonly places: readonly Place[]
  readonly takeBatch: (place: Place, batch: BatchBytes) => void
}

/** Reads the partitions that one broker leads, until they are read. */
export class LeaderReading {
  readonly #options: LeaderReadingOptions
  #empty = 0

  constructor(options: LeaderReadingOptions) {
    this.#options = options
    // What was on its way when it failed before, is asked for again.
    for (const place of options.places) place.next = place.taken
  }

  /** @throws {DeliveryError} if the broker fails, or leads them no longer: what came until then is taken */
  async run(): Promise<void> {
    const { cluster, places } = this.#options
    const open = () => places.filter(({ isRead }) => !isRead)
    let asked = open()
    let pending = this.#fetch(asked)
    while (asked.length > 0) {
      const answer = await pending
      const came = answer.flatMap((each) => this.#look(each, asked))
      const refused = answer.find(({ errorCode }) => errorCode !== ANSWER.NONE)
      asked = refused === undefined ? open() : []
      // The next are on their way while these are taken; a failure is seen when they are awaited.
      if (asked.length > 0) {
        pending = this.#fetch(asked)
        pending.catch(() => undefined)
      }
      for (const one of came) this.#take(one)
      if (refused !== undefined) throw cluster.fault(refused.errorCode)
      this.#empty++
      if (this.#empty > MOST_EMPTY) for (const place of open()) place.endHere()
    }
  }

  async #fetch(places: readonly Place[]): Promise<readonly FetchedPartition[]> {
    const { cluster, leader, topicId } = this.#options
    const from = places.map(({ partition, next }) => ({ partition, offset: next }))
    const { errorCode, partitions } = await cluster.fetch(leader, topicId, from)
    if (errorCode !== ANSWER.NONE) throw cluster.fault(errorCode)
    return partitions
  }

  #look({ partition, errorCode, batches: bytes, end }: FetchedPartition, asked: readonly Place[]): Passed[] {
    const place = asked.find((one) => one.partition === partition)
    if (place === undefined || errorCode !== ANSWER.NONE) return []
    // Something came, though it may be to be asked for again.
    if (bytes.length > 0) this.#empty = -1
    const came = place.look(bytes, end)
    return came === undefined ? [] : [{ place, ...came }]
  }

  #take({ place, batches, spoilt }: Passed): void {
    for (const batch of batches) this.#options.takeBatch(place, batch)
    if (spoilt !== undefined) place.giveUp(spoilt.behind, spoilt.why)
  }
}
