import { onlyPlace, u32, u64 } from '../../places.js'
import type { TaskLayout } from './task-layout.js'

/** The bytes from where the kernel keeps a task, with who it is as the kernel numbers it. */
export interface TaskSample {
  readonly bytes: Uint8Array
  /** Of the thread. */
  readonly pid: number
  /** Of the process. */
  readonly tgid: number
}

/** A thread of our own, at work. */
export interface OwnSample extends TaskSample {
  /** What it was called at that time, with the zero behind it. */
  readonly name: Uint8Array
}

/** A child of our own, at its end. */
export interface ChildSample extends TaskSample {
  /** Where in the kernel's memory the task lies that made it. */
  readonly parent: bigint
  /** As wait(2) tells it: the status in the second byte, or the signal in the first. */
  readonly exitCode: number
  /** The kernel made it between the two, nanoseconds of CLOCK_MONOTONIC; all that it did itself came later. */
  readonly bornAfter: bigint
  readonly bornBefore: bigint
}

/** The members of a task that stand in it themselves. */
export type TaskMembers = Omit<TaskLayout, 'mm' | 'argStart'>

const NO_MEMBERS: TaskMembers = {
  exitCode: undefined,
  tgid: undefined,
  realParent: undefined,
  startTime: undefined,
  comm: undefined,
}

/** Fewer could agree by chance. */
const LEAST_SAMPLES = 2
/** Exit codes, besides the 0 of who lives: fewer could stand anywhere. */
const LEAST_EXIT_CODES = 2
/** A task is stamped by two clocks, one after the other; a virtual machine may stand still between them. */
const STAMPED_WITHIN_NS = 10_000_000n

/**
 * Finds where a kernel keeps what is known of tasks: at the one place where every sample has what it must have. Where that
 * is not one place, it is not known: nothing is guessed.
 *
 * Some members have a neighbour that may hold the same: these are looked for as pairs, and which is which is told by their
 * order in include/linux/sched.h, the same from Linux 4.19 to 7.2: `pid`, `tgid`; `real_parent`, `parent`; `start_time`, then
 * the start by CLOCK_BOOTTIME. `comm` comes behind them all, and no further is looked: behind a task's end lie others, and
 * these may be of our own as well.
 */
export function findMembers(own: readonly OwnSample[], children: readonly ChildSample[]): TaskMembers {
  if (own.length < LEAST_SAMPLES || children.length < LEAST_SAMPLES) return NO_MEMBERS
  const comm = findComm(own)
  if (comm === undefined) return NO_MEMBERS
  return {
    exitCode: findExitCode(own, children, comm),
    tgid: onlyPlace(4, comm, [...own, ...children], isTgid),
    realParent: onlyPlace(8, comm, children, isRealParent),
    startTime: findStartTime(children, comm),
    comm,
  }
}

/** Where the name of a thread stands: one sample will do, if nothing else bears that name. */
export function findComm(own: readonly OwnSample[]): number | undefined {
  const end = Math.min(...own.map(({ bytes }) => bytes.byteLength))
  return onlyPlace(
    1,
    end,
    own,
    ({ bytes, name }, at) => bytes[at] === name[0] && name.every((byte, index) => bytes[at + index] === byte),
  )
}

/** At its end a task has what its parent is told; one that lives has 0. */
function findExitCode(
  own: readonly OwnSample[],
  children: readonly ChildSample[],
  end: number,
): number | undefined {
  const codes = new Set(children.map(({ exitCode }) => exitCode))
  codes.delete(0)
  if (codes.size < LEAST_EXIT_CODES) return undefined
  const known = [...children, ...own.map(({ bytes }) => ({ bytes, exitCode: 0 }))]
  return onlyPlace(4, end, known, ({ bytes, exitCode }, at) => u32(bytes, at) === exitCode)
}

function isTgid({ bytes, pid, tgid }: TaskSample, at: number): boolean {
  return u32(bytes, at - 4) === pid && u32(bytes, at) === tgid
}

function isRealParent({ bytes, parent }: ChildSample, at: number): boolean {
  return u64(bytes, at) === parent && u64(bytes, at + 8) === parent
}

/** The second clock is ahead of the first by the time that the host has slept: in all children alike. */
function findStartTime(children: readonly ChildSample[], end: number): number | undefined {
  const place = onlyPlace(8, end, children, ({ bytes, bornAfter, bornBefore }, at) => {
    const started = u64(bytes, at)
    return started >= bornAfter && started <= bornBefore && u64(bytes, at + 8) >= started
  })
  if (place === undefined) return undefined
  const ahead = children.map(({ bytes }) => u64(bytes, place + 8) - u64(bytes, place))
  const least = ahead.reduce((a, b) => (b < a ? b : a))
  return ahead.every((one) => one - least < STAMPED_WITHIN_NS) ? place : undefined
}
