import type { Watch } from '../../sinks/detect/watch.js'
import type { GroupEvents, Mark, Marks, Positions } from '../../topic/group/group-events.js'
import { TopicGroup, type TopicGroupOptions } from '../../topic/topic-group.js'
import type { RecordCursor } from '../../topic/wire/record-cursor.js'
import { brokersOf } from '../kafka-brokers.js'
import type { BrokerOptions } from '../kafka-options.js'
import { tell } from '../standard-streams.js'
import { JudgedPositions } from './judged-positions.js'
import { NewestAt } from './newest-at.js'
import { CLOCKS_DIFFER_US, RecordValues } from './record-values.js'
import { SAVE_MS, type Source, type SourceContext } from './source.js'
import { positionOf, readPosition } from './topic-position.js'

/** What is remembered is saved this often at most, where alerts are told; and so much less often than it takes to save. */
const SAVE_AGAIN_MS = 1000
const SAVE_PART = 20

/** What of the options says which topic is read, and how. */
export interface TopicSourceOptions extends BrokerOptions {
  readonly topic: string
  readonly group: string
  readonly fromBeginning?: boolean
}

/**
 * Reads a topic as a member of a consumer group, until it is interrupted. Offsets are committed once what was read is judged, and
 * its alerts are out; where something is remembered, once that is saved with these offsets.
 */
export function topicSource(options: TopicSourceOptions): Source {
  return async (watch, context) => {
    const { topic, group, fromBeginning = false } = options
    const known = watch.remembers ? readPosition(context.position, topic) : undefined
    const events = new TopicEvents(watch, context, topic)
    const access: TopicGroupOptions = { ...brokersOf(options), topic, group, fromBeginning, known }
    events.group = await TopicGroup.open(access, events)
    await events.group.run(context.signal)
    await context.flush()
  }
}

class TopicEvents implements GroupEvents {
  group: TopicGroup | undefined
  readonly #watch: Watch
  readonly #context: SourceContext
  readonly #topic: string
  readonly #values: RecordValues
  readonly #judged = new JudgedPositions()
  readonly #newest = new NewestAt()
  /** Where partitions were begun with. */
  readonly #beginnings = new Map<number, number>()
  /** Partitions that others read. */
  readonly #others = new Set<number>()
  #savedMs = performance.now()
  #saveTookMs = 0
  #savedFound = 0
  #saved: Positions = new Map()

  constructor(watch: Watch, context: SourceContext, topic: string) {
    this.#watch = watch
    this.#context = context
    this.#topic = topic
    this.#values = new RecordValues(watch.reader)
  }

  taken(partition: number, from?: number): void {
    if (from !== undefined) this.#beginnings.set(partition, from)
    this.#others.delete(partition)
    this.#watch.detector.expect(partition)
  }

  given(partition: number): void {
    this.#others.delete(partition)
    this.#watch.detector.leave(partition)
  }

  elsewhere(partition: number, reachedUs: number | undefined): void {
    this.#others.add(partition)
    // Another's clock may be fast, though it holds what it reads against it.
    const latestUs = Date.now() * 1000 + CLOCKS_DIFFER_US
    this.#watch.detector.elsewhere(partition, reachedUs && Math.min(reachedUs, latestUs))
  }

  isAhead(partition: number): boolean {
    return this.#watch.detector.isAhead(partition)
  }

  ending(): void {
    // What it has of windows that are open is read again by others, who may have closed all that it could have: so it closes
    // them now. With a state it goes on with them itself.
    if (!this.#watch.remembers) for (const partition of [...this.#others]) this.given(partition)
  }

  quiet(partition: number, sinceMs: number): void {
    this.#watch.detector.idle(partition, this.#newest.at(sinceMs))
  }

  record(partition: number, cursor: RecordCursor): void {
    this.#values.take(partition, cursor)
  }

  spoilt(partition: number, offset: number, count: number, why: string): void {
    const where = () => `partition ${partition}, offset ${offset}`
    this.#watch.reader.refuseRecord('spoilt', where, () => why, count)
  }

  tick(staleMs: number): void {
    this.#watch.tick(staleMs)
  }

  async settle(positions: Positions, isLast: boolean): Promise<Marks | undefined> {
    const { detector, remembers } = this.#watch
    const marks = this.#marks(positions)
    this.#newest.note(detector.newestUs, performance.now())
    if (!remembers) this.#judged.note(positions, detector.newestUs, performance.now())
    const judged = remembers ? undefined : this.#judged.judged(detector.openSinceUs)
    await this.#watch.tell()
    await this.#context.flush()
    if (judged !== undefined) return this.#judgedOf(marks, judged)
    if (!isLast && !this.#isToSave(positions)) return undefined
    await this.#save(positions)
    return marks
  }

  say(text: string): void {
    void tell(`hivetap: ${text}\n`)
  }

  #marks(positions: Positions): Marks {
    const { detector } = this.#watch
    return new Map(
      [...positions].map(([partition, offset]) => [
        partition,
        { offset, read: offset, reachedUs: detector.reachedUs(partition) },
      ]),
    )
  }

  /** With the offsets up to which all is judged; what is not is not before where it began. */
  #judgedOf(marks: Marks, judged: Positions): Marks {
    const offsetOf = (partition: number, { read }: Mark) =>
      Math.min(read, Math.max(judged.get(partition) ?? 0, this.#beginnings.get(partition) ?? 0))
    return new Map(
      [...marks].map(([partition, mark]) => [partition, { ...mark, offset: offsetOf(partition, mark) }]),
    )
  }

  #isToSave(positions: Positions): boolean {
    const sinceMs = performance.now() - this.#savedMs
    // Others wait to hear how far it is.
    const hasNews =
      this.#watch.found !== this.#savedFound || (this.group?.isShared === true && this.#hasMoved(positions))
    return sinceMs > (hasNews ? Math.max(SAVE_AGAIN_MS, this.#saveTookMs * SAVE_PART) : SAVE_MS)
  }

  #hasMoved(positions: Positions): boolean {
    return [...positions].some(([partition, offset]) => this.#saved.get(partition) !== offset)
  }

  async #save(positions: Positions): Promise<void> {
    const begunMs = performance.now()
    this.#saved = positions
    this.#savedFound = this.#watch.found
    await this.#watch.save(positionOf(this.#topic, this.group?.topicId, positions))
    this.#savedMs = performance.now()
    this.#saveTookMs = this.#savedMs - begunMs
  }
}
