import type { BrokersConfig } from '../sinks/kafka/config.js'
import { orTime, Pause } from '../stream/pause.js'
import { Attempts } from './group/attempts.js'
import { Commits } from './group/commits.js'
import type { GroupEvents, Marks, Positions } from './group/group-events.js'
import { GroupPlace } from './group/group-place.js'
import { Membership } from './group/membership.js'
import { OtherPlaces } from './group/other-places.js'
import { Reading } from './group/reading.js'
import { type KnownPositions, StartingPlaces } from './group/starting-places.js'
import { type GroupLibrary, readingError, TopicCluster } from './wire/topic-cluster.js'

const TICK_MS = 250
const RETRY_MS = 500
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
  readonly #reading: Reading
  readonly #starting: StartingPlaces
  readonly #others: OtherPlaces
  readonly #attempts: Attempts
  readonly #commits: Commits
  readonly #pause = new Pause()
  #topicId: string | undefined
  /** Partitions that the topic has, and that all members share. */
  #shared = 0
  #settling: Promise<void> = Promise.resolve()

  private constructor(kafka: GroupLibrary, options: TopicGroupOptions, events: GroupEvents) {
    const { topic, group } = options
    const wake = () => this.#pause.end()
    this.#options = options
    this.#events = events
    this.#attempts = new Attempts((text) => events.say(text))
    this.#cluster = new TopicCluster(kafka, options, topic)
    this.#membership = new Membership(kafka, options, { topic, group, onChange: wake })
    const parts = { cluster: this.#cluster, events, attempts: this.#attempts }
    this.#reading = new Reading(kafka, { ...parts, wake })
    this.#others = new OtherPlaces({ ...parts, membership: this.#membership })
    this.#commits = new Commits((fresh) => this.#commit(fresh))
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
        if (this.#attempts.fatal !== undefined) throw this.#attempts.fatal
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

  /** Whether other members may have partitions. */
  get isShared(): boolean {
    return this.#others.places.size > 0
  }

  async #round(signal: AbortSignal): Promise<void> {
    await this.#reading.start()
    this.#others.ask()
    await this.#pause.wait(TICK_MS)
    await this.#reading.take(this.#topicId, () => this.#settle(false, signal))
    this.#others.take()
    this.#reading.timeGoesOn(performance.now(), this.#others.places.values())
    await this.#settle(false, signal)
    this.#commits.ifDue()
    await this.#watchTopic()
  }

  async #settle(isLast: boolean, signal?: AbortSignal): Promise<void> {
    // One after the other, also behind one that is not waited for any more: they write the same file.
    const settled = this.#settling.then(() => this.#events.settle(this.#reading.positions, isLast))
    this.#settling = settled.then(
      () => undefined,
      () => undefined,
    )
    // Alerts that find no way out are not waited for once it is to end; nothing is looked at any more then.
    const marks = await orTime(settled, signal === undefined ? END_MS : undefined, signal)
    if (marks !== undefined) this.#commits.settled(marks)
  }

  async #commit(fresh: Marks): Promise<boolean> {
    let isTaken = false
    await this.#attempts.try('commit', async () => {
      isTaken = await this.#membership.commit(fresh, this.#topicId)
    })
    return isTaken
  }

  /** Gives up what it has, joins, and takes up what it is given. What it keeps is read on from where it is. */
  async #join(signal: AbortSignal): Promise<void> {
    if (this.#reading.places.size > 0) {
      await this.#settle(true, signal)
      await this.#commits.underWay
      await orTime(this.#commits.now(), END_MS, signal)
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
    const gone = [...this.#reading.places.keys()].filter((partition) => !given.includes(partition))
    for (const partition of gone) {
      this.#starting.remember(partition, this.#reading.places.get(partition)?.taken ?? 0)
      this.#reading.places.delete(partition)
    }
    const asked = given.filter(
      (partition) =>
        !this.#reading.places.has(partition) || this.#membership.wasLost || this.#starting.isAnother,
    )
    for (const partition of asked) {
      const place = this.#reading.places.get(partition)
      if (place !== undefined) this.#starting.remember(partition, place.taken)
    }
    let starts: Positions = new Map()
    while (asked.length > 0) {
      const found = await this.#meanwhile(signal, 'start', async () => {
        starts = await this.#starting.of(asked, this.#topicId)
      })
      if (found) break
      if (signal.aborted || this.#membership.mustJoin || this.#attempts.fatal !== undefined) return
    }
    this.#commits.forget()
    this.#membership.isTakenUp()
    for (const [partition, offset] of starts) {
      const place = this.#reading.places.get(partition)
      if (place !== undefined) place.moveTo(offset)
      else this.#reading.places.set(partition, new GroupPlace(partition, offset))
      this.#events.taken(partition, offset)
    }
    this.#reading.goOn()
    this.#followOthers(given, gone)
    this.#events.say(this.#sharesText(given))
  }

  #followOthers(given: readonly number[], gone: readonly number[]): void {
    const all = Array.from({ length: this.#shared }, (_, partition) => partition)
    const others = all.filter((partition) => !given.includes(partition))
    this.#others.follow(others, this.#topicId)
    // Of a topic that had more partitions, by this member's memory or before it was made anew.
    for (const partition of [...gone, ...(this.#options.known?.offsets.keys() ?? [])])
      if (partition >= this.#shared) this.#events.given(partition)
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
    const working = this.#attempts.try(what, work).finally(() => {
      isDone = true
      this.#pause.end()
    })
    while (!isDone && !signal.aborted) {
      await this.#pause.wait(TICK_MS)
      await this.#settle(false, signal)
    }
    if (!isDone) return false
    const worked = await working
    if (!worked && !signal.aborted && this.#attempts.fatal === undefined) await this.#pause.wait(RETRY_MS)
    return worked
  }

  /** Partitions that begin elsewhere by now are read on from there; those that were added are shared out. */
  async #watchTopic(): Promise<void> {
    for (const partition of this.#reading.astray) {
      const place = this.#reading.places.get(partition)
      const worked = await this.#attempts.try('start', async () => {
        if (place !== undefined) place.moveTo(await this.#starting.anew(partition, place.next))
      })
      if (worked) this.#reading.astray.delete(partition)
    }
    const known = await this.#cluster.known().catch(() => undefined)
    if (known === undefined) return
    if (known.id !== this.#topicId) this.#membership.rejoin()
    else if (this.#membership.isLeader && known.leaders.length !== this.#shared) this.#membership.rejoin()
  }

  async #end(): Promise<void> {
    const { topic } = this.#options
    if (this.#reading.places.size > 0) {
      this.#events.ending()
      await this.#settle(true)
      await orTime(this.#commits.underWay, END_MS)
      await orTime(this.#commits.now(), END_MS)
      if (this.#commits.fresh.size > 0)
        this.#events.say(
          `how far topic ${topic} is read could not be committed: the next run reads some of it again`,
        )
    }
    const { heldText } = this.#reading
    if (heldText !== undefined) this.#events.say(heldText)
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
