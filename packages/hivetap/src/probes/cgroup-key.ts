/** Set in the key of a cgroup of version 1: cgroup-key.h. */
const OF_V1 = 1n << 63n

/** A cgroup as events have it, by the inode of its directory. */
export function cgroupKey(inode: bigint, version: 1 | 2): bigint {
  return version === 1 ? inode | OF_V1 : inode
}

export function isOfV1(key: bigint): boolean {
  return (key & OF_V1) !== 0n
}
