import type { BrokersConfig } from '../../sinks/kafka/config.js'
import { InputError } from '../input-error.js'
import { ANSWER } from '../wire/answers.js'
import type { GroupLibrary } from '../wire/topic-cluster.js'
import { ASSIGNOR, assignmentOf, partitionsOf, shareOut, subscriptionOf, topicsOf } from './assignment.js'
import { type CommitNote, commitNoteText, readCommitNote } from './commit-note.js'
import { Coordinator } from './coordinator.js'
import type { Marks } from './group-events.js'

/** A member that is silent for so long is out of the group: others have its partitions then. */
const SESSION_MS = 15_000
const HEARTBEAT_MS = 3000
/** For so long the group waits for members that are to join anew. */
const REBALANCE_MS = 60_000
const QUICK_MS = 10_000
const CONSUMER = 'consumer'

/** Where a group has come to, as it was committed. */
export interface Committed {
  readonly offset: number
  /** What was said beside it. */
  readonly note: CommitNote
}

/** A member of a consumer group that reads one topic. */
export class Membership {
  readonly #kafka: GroupLibrary
  readonly #topic: string
  readonly #group: string
  /** Joining takes as long as others take to notice: what is asked meanwhile goes on other connections. */
  readonly #joining: Coordinator
  readonly #quick: Coordinator
  readonly #onChange: () => void
  #memberId = ''
  #generation = -1
  #isLeader = false
  #heartbeat: NodeJS.Timeout | undefined
  #mustJoin = true
  #wasLost = false
  #closed = false

  /** @param onChange told when it is to join anew */
  constructor(
    kafka: GroupLibrary,
    config: BrokersConfig,
    {
      topic,
      group,
      onChange,
    }: { readonly topic: string; readonly group: string; readonly onChange: () => void },
  ) {
    this.#kafka = kafka
    this.#topic = topic
    this.#group = group
    this.#onChange = onChange
    this.#joining = new Coordinator(kafka, { ...config, request_timeout_ms: REBALANCE_MS + QUICK_MS }, group)
    this.#quick = new Coordinator(kafka, { ...config, request_timeout_ms: QUICK_MS }, group)
  }

  /** Whether partitions are shared out anew: what was given is to be looked at no more until it has joined. */
  get mustJoin(): boolean {
    return this.#mustJoin
  }

  /** Whether others may have read its partitions before it joined last. */
  get wasLost(): boolean {
    return this.#wasLost
  }

  /** Whether it is for this member to see that the topic has more partitions than before. */
  get isLeader(): boolean {
    return this.#isLeader
  }

  /** Partitions are to be shared out anew. */
  rejoin(): void {
    if (this.#mustJoin) return
    this.#mustJoin = true
    this.#onChange()
  }

  /**
   * Joins, or joins anew.
   *
   * @param partitions how many the topic has
   * @returns those that it is given; `undefined` if it is to be tried once more
   * @throws {DeliveryError} {@link InputError} where there is no use in trying again
   */
  async join(partitions: number): Promise<readonly number[] | undefined> {
    clearTimeout(this.#heartbeat)
    const joined = await this.#joinGroup()
    this.#joining.check(joined.errorCode)
    if (joined.errorCode === ANSWER.MEMBER_ID_REQUIRED) {
      this.#memberId = joined.memberId ?? ''
      return undefined
    }
    if (this.#isOut(joined.errorCode)) return undefined
    if (joined.errorCode === ANSWER.INCONSISTENT_GROUP_PROTOCOL)
      throw new InputError(
        `The consumer group ${this.#group} is one of other consumers, which share partitions in another way: name another by --group.`,
      )
    if (joined.errorCode !== ANSWER.NONE) throw this.#joining.unexpected(joined.errorCode)
    this.#memberId = joined.memberId ?? ''
    this.#generation = joined.generationId
    this.#isLeader = joined.leader === this.#memberId
    const readers = joined.members
      .filter(({ metadata }) => metadata !== null && topicsOf(metadata).includes(this.#topic))
      .map(({ memberId }) => memberId)
    const given = await this.#syncGroup(this.#isLeader ? shareOut(readers, partitions) : new Map())
    this.#joining.check(given.errorCode)
    if (this.#isOut(given.errorCode)) return undefined
    if (given.errorCode !== ANSWER.NONE) throw this.#joining.unexpected(given.errorCode)
    this.#mustJoin = false
    this.#beatOn()
    return partitionsOf(given.assignment, this.#topic)
  }

  /** What was before is taken up: from now on it is lost only if it is lost anew. */
  isTakenUp(): void {
    this.#wasLost = false
  }

  /** How far partitions are read, as the group knows it; of those that nobody committed, nothing. @throws {DeliveryError} */
  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    const { offsetFetchV8, offsetFetchV9 } = this.#kafka
    const topics = [{ name: this.#topic, partitionIndexes: [...partitions] }]
    const groups = [{ groupId: this.#group, memberId: null, memberEpoch: -1, topics }]
    const answer = await this.#quick.ask((connection) =>
      connection.call('OffsetFetch', [offsetFetchV9, offsetFetchV8], (api, to) =>
        api.async(to, groups as never, false),
      ),
    )
    const found = new Map<number, Committed>()
    for (const group of answer.groups) {
      this.#quick.check(group.errorCode)
      if (group.errorCode !== ANSWER.NONE) throw this.#quick.unexpected(group.errorCode)
      for (const each of group.topics.flatMap((topic) => topic.partitions)) {
        if (each.errorCode !== ANSWER.NONE) throw this.#quick.unexpected(each.errorCode)
        const offset = Number(each.committedOffset)
        if (offset >= 0) found.set(each.partitionIndex, { offset, note: readCommitNote(each.metadata ?? '') })
      }
    }
    return found
  }

  /**
   * Says how far partitions are read.
   *
   * @returns whether the group has taken it: if not, it is to join anew
   * @throws {DeliveryError}
   */
  async commit(marks: Marks, topicId: string | undefined): Promise<boolean> {
    const { offsetCommitV8, offsetCommitV9 } = this.#kafka
    const partitions = [...marks].map(([partitionIndex, { offset, read, reachedUs }]) => ({
      partitionIndex,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: commitNoteText({ topicId, read, reachedUs }),
    }))
    const topics = [{ name: this.#topic, partitions }]
    const answer = await this.#quick.ask((connection) =>
      connection.call('OffsetCommit', [offsetCommitV9, offsetCommitV8], (api, to) =>
        api.async(to, this.#group, this.#generation, this.#memberId, null, topics),
      ),
    )
    for (const { errorCode } of answer.topics.flatMap((topic) => topic.partitions)) {
      this.#quick.check(errorCode)
      if (this.#isOut(errorCode)) return false
      if (errorCode !== ANSWER.NONE) throw this.#quick.unexpected(errorCode)
    }
    return true
  }

  /** Leaves at once, so that others need not wait for it to be missed. @throws {DeliveryError} */
  async leave(): Promise<void> {
    clearTimeout(this.#heartbeat)
    this.#closed = true
    if (this.#memberId === '') return
    const { leaveGroupV4, leaveGroupV5 } = this.#kafka
    const members = [{ memberId: this.#memberId, groupInstanceId: null, reason: 'ended' }]
    await this.#quick.ask((connection) =>
      connection.call('LeaveGroup', [leaveGroupV5, leaveGroupV4], (api, to) =>
        api.async(to, this.#group, members as never),
      ),
    )
  }

  /** Ends all connections at once; who waits for an answer is told so. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#heartbeat)
    this.#joining.close()
    this.#quick.close()
  }

  #joinGroup() {
    const { joinGroupV6, joinGroupV7, joinGroupV8, joinGroupV9 } = this.#kafka
    const versions = [joinGroupV9, joinGroupV8, joinGroupV7, joinGroupV6]
    const protocols = [{ name: ASSIGNOR, metadata: subscriptionOf(this.#topic) }]
    const times = [SESSION_MS, REBALANCE_MS] as const
    return this.#joining.ask((connection) =>
      connection.call('JoinGroup', versions, (api, to) =>
        api.async(to, this.#group, ...times, this.#memberId, null, CONSUMER, protocols as never, ''),
      ),
    )
  }

  #syncGroup(shares: ReadonlyMap<string, readonly number[]>) {
    const { syncGroupV4, syncGroupV5 } = this.#kafka
    const assignments = [...shares].map(([memberId, partitions]) => ({
      memberId,
      assignment: assignmentOf(this.#topic, partitions),
    }))
    const who = [this.#group, this.#generation, this.#memberId, null] as const
    return this.#joining.ask((connection) =>
      connection.call('SyncGroup', [syncGroupV5, syncGroupV4], (api, to) =>
        api.async(to, ...who, CONSUMER, ASSIGNOR, assignments),
      ),
    )
  }

  /** Whether the answer says that it is no member any more, or that all are to join anew. */
  #isOut(errorCode: number): boolean {
    if (errorCode === ANSWER.UNKNOWN_MEMBER_ID || errorCode === ANSWER.ILLEGAL_GENERATION) {
      if (errorCode === ANSWER.UNKNOWN_MEMBER_ID) this.#memberId = ''
      this.#wasLost = true
    } else if (errorCode !== ANSWER.REBALANCE_IN_PROGRESS) return false
    this.rejoin()
    return true
  }

  #beatOn(): void {
    clearTimeout(this.#heartbeat)
    if (this.#closed || this.#mustJoin) return
    this.#heartbeat = setTimeout(() => void this.#beat().finally(() => this.#beatOn()), HEARTBEAT_MS)
  }

  async #beat(): Promise<void> {
    const { heartbeatV4 } = this.#kafka
    const generation = this.#generation
    try {
      const { errorCode } = await this.#quick.ask((connection) =>
        connection.call('Heartbeat', [heartbeatV4], (api, to) =>
          api.async(to, this.#group, generation, this.#memberId, null),
        ),
      )
      this.#quick.check(errorCode)
      // What was asked before it joined anew says nothing of now.
      if (generation === this.#generation && !this.#mustJoin) this.#isOut(errorCode)
    } catch {
      // The next is tried on another connection; if none comes through in time, it is told that it is out.
    }
  }
}
