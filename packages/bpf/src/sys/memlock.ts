import { libc } from './libc.js'
import { allocate } from './memory.js'

const RLIMIT_MEMLOCK = 8
const UNLIMITED = 0xffff_ffff_ffff_ffffn

/** RLIMIT_MEMLOCK in bytes; `undefined` is unlimited. Soft is what counts, hard what it may be raised to. */
export interface MemlockLimit {
  readonly soft: bigint | undefined
  readonly hard: bigint | undefined
}

/** This process's limit on locked memory: getrlimit(2). */
export function memlockLimit(): MemlockLimit {
  const limit = allocate(16)
  libc().prlimit(RLIMIT_MEMLOCK, undefined, limit)
  const value = (offset: number) => {
    const bytes = limit.view.getBigUint64(offset, true)
    return bytes === UNLIMITED ? undefined : bytes
  }
  return { soft: value(0), hard: value(8) }
}

/**
 * Raises the limit: to unlimited, or, without the right to (CAP_SYS_RESOURCE), to the hard limit.
 *
 * @returns whether it is higher than before
 */
export function raiseMemlock(): boolean {
  const before = memlockLimit()
  if (before.soft === undefined) return false
  if (setLimit(UNLIMITED, UNLIMITED)) return true
  const hard = before.hard ?? UNLIMITED
  return hard > before.soft && setLimit(hard, hard)
}

/**
 * Runs something under another soft limit, and puts the limit back.
 *
 * @returns what it gave; `undefined` if the limit cannot be changed
 */
export function withMemlock<T>(soft: bigint, run: () => T): T | undefined {
  const before = memlockLimit()
  const hard = before.hard ?? UNLIMITED
  if (!setLimit(soft, hard)) return undefined
  try {
    return run()
  } finally {
    setLimit(before.soft ?? UNLIMITED, hard)
  }
}

function setLimit(soft: bigint, hard: bigint): boolean {
  const limit = allocate(16)
  limit.view.setBigUint64(0, soft, true)
  limit.view.setBigUint64(8, hard, true)
  return libc().prlimit(RLIMIT_MEMLOCK, limit, undefined) === 0
}
