import { seconds } from './option-values.js'
import type { Attached, Column, Field, Flag, Placement } from './tool.js'

/** How much was counted of a key since it was read before. */
export interface Counted<K> {
  readonly key: K
  readonly count: number
  /** When it was read, nanoseconds of CLOCK_MONOTONIC: the same for all that were read together. */
  readonly timeNs: number
}

/** Counts in the kernel. */
export interface Counts<K> {
  /** The sum of what was read. */
  readonly taken: number
  /**
   * What was counted since it was read before, largest first; keys with nothing are left out.
   *
   * @param last whether this is the end: then no room is made for what is to come
   */
  read(last: boolean): readonly Counted<K>[]
}

/** A tool that is attached, and counts until it is detached. */
export interface CountSession<K> extends Attached {
  readonly counts: Counts<K>
}

/** How a tool counts in the kernel, instead of telling each thing: what of a `Tool` is then another. */
export interface Counting<K, O> {
  readonly columns: (options: O) => readonly Column<Counted<K>>[]
  readonly fields: (options: O) => readonly Field<Counted<K>>[]
  /**
   * Loads and attaches it; no buffer is needed.
   *
   * @throws {BpfError} if it cannot be had there
   */
  readonly open: (options: O, placement: Placement) => CountSession<K>
}

/** What may be asked of every tool that can count. */
export interface CountOptions {
  readonly count?: boolean
  /** Seconds after which counts are told, and begin anew; once, at the end, without. */
  readonly interval?: number
}

/** Flags of a tool that can count: as it has them, with its own conflicts. */
export const COUNT_FLAGS = {
  count: { name: 'count', flags: '-c, --count' },
  interval: {
    name: 'interval',
    flags: '-i, --interval <S>',
    help: 'with -c: print every so many seconds, and count anew',
    parse: seconds,
    needs: 'count',
  },
} as const satisfies Readonly<Record<string, Partial<Flag>>>
