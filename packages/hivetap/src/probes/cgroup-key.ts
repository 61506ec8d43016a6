/**
 * The number of a cgroup in events: the inode of its directory, with bit 63 set for one of version 1, whose hierarchies count
 * by themselves (cgroup-key.h). A number or a bigint, as it was decoded; 0 is of none that is known.
 */
export type CgroupKey = number | bigint

/** What a {@link CgroupKey} says. */
export interface CgroupInode {
  readonly version: 1 | 2
  /** Of its directory; 1 is the root's in each hierarchy. */
  readonly inode: number
}

/** The inode of the root of each hierarchy. */
export const ROOT_INODE = 1

/** Set in the key of a cgroup of version 1: cgroup-key.h. */
const OF_V1 = 1n << 63n
const MOST = BigInt(Number.MAX_SAFE_INTEGER)

/** A cgroup as events have it, by the inode of its directory. */
export function cgroupKey(inode: bigint, version: 1 | 2): bigint {
  return version === 1 ? inode | OF_V1 : inode
}

export function isOfV1(key: bigint): boolean {
  return (key & OF_V1) !== 0n
}

/** Takes a key apart; `undefined` for one that is of no cgroup. */
export function inodeOfKey(key: CgroupKey): CgroupInode | undefined {
  if (typeof key === 'number')
    return Number.isSafeInteger(key) && key > 0 ? { version: 2, inode: key } : undefined
  const ofV1 = isOfV1(key)
  const inode = ofV1 ? key - OF_V1 : key
  return inode > 0n && inode <= MOST ? { version: ofV1 ? 1 : 2, inode: Number(inode) } : undefined
}
