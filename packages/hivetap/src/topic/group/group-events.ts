import type { RecordCursor } from '../wire/record-cursor.js'

/** Who looks at the records of a group's member, and is told of its partitions. */
export interface GroupEvents {
  /**
   * A partition is read from now on, or has records again: what is known of others waits for it.
   *
   * @param from the offset where this member begins with it; absent where it only goes on
   */
  taken(partition: number, from?: number): void
  /** A partition is read no more by this member, nor by another that could say how far it is: nobody waits for it. */
  given(partition: number): void
  /**
   * A partition is read by another member, or by nobody yet: time waits for it all the same, as it may come to this one.
   *
   * @param reachedUs the latest time of its events, as far as it was read and will not be read again: microseconds since 1970
   */
  elsewhere(partition: number, reachedUs: number | undefined): void
  /** Whether a partition is so far ahead of others that it is to be read no further for now. */
  isAhead(partition: number): boolean
  /** It ends: nothing is given to this member any more. */
  ending(): void
  /**
   * Nothing is to be read of a partition for now: what others had read by that time, it would have had too. Told again as time
   * goes on.
   *
   * @param sinceMs by performance.now()
   */
  quiet(partition: number, sinceMs: number): void
  /** A record, which the cursor is at: nothing of it may be kept. */
  record(partition: number, cursor: RecordCursor): void
  /** Records that cannot be read, whatever they were. */
  spoilt(partition: number, offset: number, count: number, why: string): void
  /**
   * Called now and then while there is nothing to read: time goes on all the same.
   *
   * @param staleMs so long ago it was known last that there is nothing
   */
  tick(staleMs: number): void
  /**
   * Does what is to be done with what was looked at.
   *
   * @param positions how far partitions were looked at
   * @param isLast whether partitions are about to be given up, or it ends
   * @returns what may be committed now; `undefined` if nothing is yet to be
   */
  settle(positions: Positions, isLast: boolean): Promise<Marks | undefined>
  /** Something that whoever runs it is to know, once. */
  say(text: string): void
}

/** Offsets to be read next, by partition. */
export type Positions = ReadonlyMap<number, number>

/** How far a partition is done with, as the group is to know it. */
export interface Mark {
  /** Where whoever reads it next is to begin. */
  readonly offset: number
  /** How far it was looked at. */
  readonly read: number
  /** The latest time of its events up to there: microseconds since 1970. */
  readonly reachedUs: number | undefined
}

/** By partition. */
export type Marks = ReadonlyMap<number, Mark>
