import type { BrokersConfig } from '../sinks/kafka/config.js'
import { type FetchAnswer, Fetches } from './group/fetches.js'
import type { GroupEvents, Positions } from './group/group-events.js'
import { GroupPlace } from './group/group-place.js'
import { Membership } from './group/membership.js'
import { Outage } from './group/outage.js'
import { orTime, Pause } from './group/pause.js'
import { RecordTaker } from './group/record-taker.js'
import { type KnownPositions, StartingPlaces } from './group/starting-places.js'
import { ANSWER } from './wire/answers.js'
import type { GroupLibrary } from './wire/topic-cluster.js'
import { isFinal, readingError, TopicCluster } from './wire/topic-cluster.js'

const TICK_MS = 250
const COMMIT_MS = 1000
const RETRY_MS = 500
/** Once brokers are back, others who write bring what they kept: for so long time waits for them. */
const AFTER_OUTAGE_MS = 15_000
/** For so long the last alerts, the last commit and the leaving may take at the end, each. */
const END_MS = 5000

export interface TopicGroupOptions
  extends Pick<BrokersConfig, 'brokers' | 'tls' | 'sasl' | 'request_timeout_ms'> {
  readonly topic: string
  readonly group: string
  /** Where the group has committed nothing: whether it begins with the first record that there is, or with the next. */
  readonly fromBeginning: boolean
  /** How far it was read, if that is known besides what the group knows: what is further on counts. */
  readonly known?: KnownPositions | undefined
}

/**
 * Reads a topic as a member of a consumer group: partitions come and go, all that is read of one comes in order, and what was
 * looked at is committed once it is settled, so that nothing is left out whoever reads on. What was not committed is read again.
 */
export class TopicGroup {
  readonly #options: TopicGroupOptions
  readonly #events: GroupEvents
  readonly #cluster: TopicCluster
  readonly #membership: Membership
  readonly #fetches: Fetches
  readonly #taker: RecordTaker
  readonly #starting: StartingPlaces
  readonly #outage: Outage
  readonly #pause = new Pause()
  readonly #places = new Map<number, GroupPlace>()
  /** Partitions that do not have the offset that was asked for. */
  readonly #astray = new Set<number>()
  #failedMs = Number.NEGATIVE_INFINITY
  /** When no partition answered, last. */
  #deafMs = Number.NEGATIVE_INFINITY
  #isFirst = true
  #topicId: string | undefined
  #shared = 0
  #committable: Positions = new Map()
  #committed: Positions = new Map()
  #committedMs = Number.NEGATIVE_INFINITY
  #committing: Promise<void> | undefined
  #settling: Promise<void> = Promise.resolve()
  #fatal: unknown

  private constructor(kafka: GroupLibrary, options: TopicGroupOptions, events: GroupEvents) {
    const { topic, group } = options
    const wake = () => this.#pause.end()
    this.#options = options
    this.#events = events
    this.#outage = new Outage((text) => events.say(text))
    this.#cluster = new TopicCluster(kafka, options, topic)
    this.#membership = new Membership(kafka, options, { topic, group, onChange: wake })
    this.#fetches = new Fetches(this.#cluster, wake)
    this.#taker = new RecordTaker(kafka, events)
    this.#starting = new StartingPlaces(this.#cluster, this.#membership, options, (text) => events.say(text))
  }

  /**
   * Sees that the topic is there. It has joined nothing yet.
   *
   * @throws {InputError} if the brokers cannot be reached, or there is no such topic
   */
  static async open(options: TopicGroupOptions, events: GroupEvents): Promise<TopicGroup> {
    // Loaded only now: it takes longer than most commands run.
    const group = new TopicGroup(await import('./wire/group-library.js'), options, events)
    try {
      const { id } = await group.#cluster.known()
      group.#topicId = id
      return group
    } catch (error) {
      group.#close()
      throw readingError(error, options.topic)
    }
  }

  /**
   * Reads until it is told to end; then leaves the group.
   *
   * @throws {InputError} if it may not read, or the group is of others
   */
  async run(signal: AbortSignal): Promise<void> {
    const end = () => this.#pause.end()
    signal.addEventListener('abort', end)
    try {
      while (!signal.aborted) {
        if (this.#membership.mustJoin) await this.#join(signal)
        else await this.#round(signal)
        if (this.#fatal !== undefined) throw this.#fatal
      }
      await this.#end()
    } catch (error) {
      throw readingError(error, this.#options.topic)
    } finally {
      signal.removeEventListener('abort', end)
      this.#close()
    }
  }

  /** Which topic is read, where brokers tell: another of the same name has another one. */
  get topicId(): string | undefined {
    return this.#topicId
  }

  async #round(signal: AbortSignal): Promise<void> {
    await this.#tryTo('read', () => this.#fetches.start(this.#places.values()))
    await this.#pause.wait(TICK_MS)
    for (const answer of this.#fetches.take()) {
      const batches = this.#passed(answer)
      // The next are on their way while these are looked at.
      await this.#tryTo('read', () => this.#fetches.start(this.#places.values()))
      for (const { place, bytes } of batches) this.#taker.take(place, bytes)
      await this.#settle(false, signal)
    }
    this.#timeGoesOn(performance.now())
    await this.#settle(false, signal)
    this.#commitIfDue()
    await this.#watchTopic()
  }

  /** Nobody waits for what has nothing; and where nothing is left to read, time goes on by itself. */
  #timeGoesOn(nowMs: number): void {
    const places = [...this.#places.values()]
    if (places.every(({ answeredMs }) => answeredMs > this.#failedMs)) this.#outage.works('fetch')
    if (!places.some((place) => place.isAnswering(nowMs))) this.#deafMs = nowMs
    for (const place of places) if (place.fallsQuiet(nowMs, this.#deafMs)) this.#events.quiet(place.partition)
    const isRead = places.every((place) => place.isAtEnd && place.isAnswering(nowMs))
    if (isRead && nowMs - this.#failedMs > AFTER_OUTAGE_MS) this.#events.tick()
  }

  /** What an answer says of partitions; their batches are still to be looked at. */
  #passed({ asked, fetched, error, topicId }: FetchAnswer) {
    if (fetched === undefined || fetched.errorCode !== ANSWER.NONE) {
      this.#failedMs = performance.now()
      this.#failed('fetch', fetched === undefined ? error : this.#cluster.fault(fetched.errorCode))
      return []
    }
    return fetched.partitions.flatMap(({ partition, errorCode, end, batches }) => {
      const place = this.#places.get(partition)
      const from = asked.find((one) => one.partition === partition)?.offset
      // It was given up, or moved, since it was asked for.
      if (place === undefined || place.next !== from || topicId !== this.#topicId) return []
      if (errorCode === ANSWER.OFFSET_OUT_OF_RANGE) {
        this.#astray.add(partition)
        return []
      }
      if (errorCode !== ANSWER.NONE) {
        this.#failedMs = performance.now()
        this.#failed('fetch', this.#cluster.fault(errorCode))
        return []
      }
      if (place.answered(end)) this.#events.taken(partition)
      if (batches.length === 0) return []
      place.next = this.#taker.endOf(batches, place.next)
      return [{ place, bytes: batches }]
    })
  }

  #failed(what: string, error: unknown): void {
    if (isFinal(error)) this.#fatal = error
    else this.#outage.failed(what, error instanceof Error ? error.message : String(error))
  }

  /** @returns whether it worked; if not, it is said, once */
  async #tryTo(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      this.#outage.works(what)
      return true
    } catch (error) {
      this.#failed(what, error)
      return false
    }
  }

  get #positions(): Positions {
    return new Map([...this.#places].map(([partition, { taken }]) => [partition, taken]))
  }

  async #settle(isLast: boolean, signal?: AbortSignal): Promise<void> {
    // One after the other, also behind one that is not waited for any more: they write the same file.
    const settled = this.#settling.then(() => this.#events.settle(this.#positions, isLast))
    this.#settling = settled.then(
      () => undefined,
      () => undefined,
    )
    // Alerts that find no way out are not waited for once it is to end; nothing is looked at any more then.
    const positions = await orTime(settled, signal === undefined ? END_MS : undefined, signal)
    if (positions !== undefined) this.#committable = positions
  }

  #commitIfDue(): void {
    if (this.#committing !== undefined || performance.now() - this.#committedMs < COMMIT_MS) return
    this.#committing = this.#commit().finally(() => {
      this.#committing = undefined
    })
  }

  async #commit(): Promise<void> {
    const positions = this.#committable
    const fresh = new Map([...positions].filter(([each, offset]) => this.#committed.get(each) !== offset))
    this.#committedMs = performance.now()
    if (fresh.size === 0) return
    await this.#tryTo('commit', async () => {
      if (await this.#membership.commit(fresh, this.#topicId ?? ''))
        this.#committed = new Map([...this.#committed, ...fresh])
    })
  }

  /** Gives up what it has, joins, and takes up what it is given. What it keeps is read on from where it is. */
  async #join(signal: AbortSignal): Promise<void> {
    if (this.#places.size > 0) {
      await this.#settle(true, signal)
      await this.#committing
      await orTime(this.#commit(), END_MS, signal)
    }
    this.#cluster.forget()
    let given: readonly number[] | undefined
    const joined = await this.#meanwhile(signal, 'join', async () => {
      const { leaders, id } = await this.#cluster.known()
      if (this.#topicId !== id) this.#starting.isAnother = true
      this.#topicId = id
      this.#shared = leaders.length
      given = await this.#membership.join(leaders.length)
    })
    if (!joined || given === undefined) return
    await this.#takeUp(given, signal)
  }

  async #takeUp(given: readonly number[], signal: AbortSignal): Promise<void> {
    const gone = [...this.#places.keys()].filter((partition) => !given.includes(partition))
    for (const partition of gone) {
      this.#starting.remember(partition, this.#places.get(partition)?.taken ?? 0)
      this.#places.delete(partition)
      this.#events.given(partition)
    }
    const asked = given.filter(
      (partition) => !this.#places.has(partition) || this.#membership.wasLost || this.#starting.isAnother,
    )
    for (const partition of asked) {
      const place = this.#places.get(partition)
      if (place !== undefined) this.#starting.remember(partition, place.taken)
    }
    let starts: Positions = new Map()
    while (asked.length > 0) {
      const found = await this.#meanwhile(signal, 'start', async () => {
        starts = await this.#starting.of(asked, this.#topicId)
      })
      if (found) break
      if (signal.aborted || this.#membership.mustJoin || this.#fatal !== undefined) return
    }
    this.#committed = new Map()
    this.#committable = new Map()
    this.#membership.isTakenUp()
    for (const [partition, offset] of starts) {
      const place = this.#places.get(partition)
      if (place !== undefined) place.moveTo(offset)
      else {
        this.#places.set(partition, new GroupPlace(partition, offset))
        this.#events.taken(partition)
      }
    }
    if (this.#isFirst) this.#leaveOthers(given)
    this.#isFirst = false
    this.#events.say(this.#sharesText(given))
  }

  /** What was read before, by this member's memory, and is not given to it again. */
  #leaveOthers(given: readonly number[]): void {
    for (const partition of this.#options.known?.offsets.keys() ?? [])
      if (!given.includes(partition)) this.#events.given(partition)
  }

  #sharesText(given: readonly number[]): string {
    const { topic, group } = this.#options
    const which =
      given.length === 0 ? 'none of the' : given.length === this.#shared ? 'all' : given.join(', ')
    return `reads of topic ${topic}, in group ${group}, partitions: ${which} of ${this.#shared}`
  }

  /** Does something that takes time, while alerts go out. @returns whether it worked */
  async #meanwhile(signal: AbortSignal, what: string, work: () => Promise<void>): Promise<boolean> {
    let isDone = false
    const working = this.#tryTo(what, work).finally(() => {
      isDone = true
      this.#pause.end()
    })
    while (!isDone && !signal.aborted) {
      await this.#pause.wait(TICK_MS)
      await this.#settle(false, signal)
    }
    if (!isDone) return false
    const worked = await working
    if (!worked && !signal.aborted && this.#fatal === undefined) await this.#pause.wait(RETRY_MS)
    return worked
  }

  /** Partitions that begin elsewhere by now are read on from there; those that were added are shared out. */
  async #watchTopic(): Promise<void> {
    for (const partition of this.#astray) {
      const place = this.#places.get(partition)
      const worked = await this.#tryTo('start', async () => {
        if (place !== undefined) place.moveTo(await this.#starting.anew(partition, place.next))
      })
      if (worked) this.#astray.delete(partition)
    }
    const known = await this.#cluster.known().catch(() => undefined)
    if (known === undefined) return
    if (known.id !== this.#topicId) this.#membership.rejoin()
    else if (this.#membership.isLeader && known.leaders.length !== this.#shared) this.#membership.rejoin()
  }

  async #end(): Promise<void> {
    const { topic } = this.#options
    if (this.#places.size > 0 && !this.#membership.mustJoin) {
      await this.#settle(true)
      await orTime(this.#committing ?? Promise.resolve(), END_MS)
      const { length } = [...this.#committable].filter(
        ([each, offset]) => this.#committed.get(each) !== offset,
      )
      await orTime(this.#commit(), END_MS)
      const isLeft = [...this.#committable].some(([each, offset]) => this.#committed.get(each) !== offset)
      if (length > 0 && isLeft)
        this.#events.say(
          `how far topic ${topic} is read could not be committed: the next run reads some of it again`,
        )
    }
    await orTime(
      this.#membership.leave().catch(() => undefined),
      END_MS,
    )
  }

  #close(): void {
    this.#membership.close()
    this.#cluster.close()
  }
}
