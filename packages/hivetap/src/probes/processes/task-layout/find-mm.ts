import { u64 } from '../../places.js'
import type { TaskLayout } from './task-layout.js'

/** Where a task may keep the pointer to its memory, and what that pointer is. */
export interface MmCandidate {
  readonly at: number
  readonly address: bigint
}

/** What a candidate points to. */
export interface MmSample {
  readonly at: number
  readonly bytes: Uint8Array
}

/** Addresses in a process's own memory, as /proc/PID/stat tells them: proc_pid_stat(5), fields 48 to 51. */
export interface ArgumentBounds {
  readonly argStart: bigint
  readonly argEnd: bigint
  readonly envStart: bigint
  readonly envEnd: bigint
}

/** The upper part of addresses is the kernel's: on x86-64 with five levels of page tables 56 bits; its last page has errors. */
const KERNEL_BEGIN = 0xff00_0000_0000_0000n
const KERNEL_END = 0xffff_ffff_ffff_f000n

/**
 * The places in a task where two words beside each other hold the same address in the kernel: `mm` and `active_mm` do, in
 * the task of a process (include/linux/sched.h, Linux 4.19 to 7.2). The heads of empty lists do as well, so what points
 * into the task itself is left out.
 *
 * @param task where the bytes begin in the kernel's memory
 * @param comm where the name of the task lies: `mm` comes before it, and behind the task's end lie those of other threads
 */
export function mmCandidates(task: bigint, bytes: Uint8Array, comm: number): MmCandidate[] {
  const candidates: MmCandidate[] = []
  for (let at = 0; at < comm; at += 8) {
    const address = u64(bytes, at)
    const isOwn = address >= task && address < task + BigInt(bytes.byteLength)
    const isKernel = address >= KERNEL_BEGIN && address < KERNEL_END && address % 8n === 0n
    if (isKernel && !isOwn && address === u64(bytes, at + 8)) candidates.push({ at, address })
  }
  return candidates
}

/**
 * Finds the one candidate behind which all four addresses stand in a row: `arg_start`, `arg_end`, `env_start`, `env_end` of
 * `struct mm_struct` (include/linux/mm_types.h).
 *
 * Behind its end lie others, some of which may be copies of it, left by a fork. Its own row is before theirs: the first.
 */
export function findMm(
  samples: readonly MmSample[],
  { argStart, argEnd, envStart, envEnd }: ArgumentBounds,
): Pick<TaskLayout, 'mm' | 'argStart'> {
  const row = [argStart, argEnd, envStart, envEnd]
  const found = samples.flatMap(({ at, bytes }) => {
    const place = firstPlace(bytes, row)
    return place === undefined ? [] : [{ mm: at, argStart: place }]
  })
  // Zeroes stand everywhere, and are what is told where it may not be known.
  const isTelling = 0n < argStart && argStart < argEnd && argEnd <= envStart && envStart < envEnd
  const [only, ...others] = found
  return isTelling && only !== undefined && others.length === 0
    ? only
    : { mm: undefined, argStart: undefined }
}

function firstPlace(bytes: Uint8Array, row: readonly bigint[]): number | undefined {
  for (let at = 0; at < bytes.byteLength; at += 8)
    if (row.every((value, index) => u64(bytes, at + index * 8) === value)) return at
  return undefined
}
