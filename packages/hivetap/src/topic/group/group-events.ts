import type { RecordCursor } from '../wire/record-cursor.js'

/** Who looks at the records of a group's member, and is told of its partitions. */
export interface GroupEvents {
  /** A partition is read from now on, or has records again: what is known of others waits for it. */
  taken(partition: number): void
  /** A partition is read no more by this member. */
  given(partition: number): void
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
   * @returns the positions that may be committed now; `undefined` if these are not yet to be
   */
  settle(positions: Positions, isLast: boolean): Promise<Positions | undefined>
  /** Something that whoever runs it is to know, once. */
  say(text: string): void
}

/** Offsets to be read next, by partition. */
export type Positions = ReadonlyMap<number, number>
