import { type BpfMap, InvalidSpecError, SystemCallError } from '@hivetap/bpf'

/** What is said of cgroups, by their keys: the map `wanted_cgroups` of filters.h. */
export type WantedMap = BpfMap<bigint, number>

/** CGROUP_LEFT_OUT and CGROUP_WANTED of filters.h. */
const LEFT_OUT = 0
const WANTED = 1
/** ALL_OTHER_CGROUPS of filters.h: something is said of it always, in one of the map’s entries. */
const OTHERS = 0n

/** Of how many cgroups something can be said. */
export function roomOf(map: WantedMap): number {
  return map.maxEntries - 1
}

/** Entries of a map that has room for so many. */
export function entriesFor(cgroups: number): number {
  return cgroups + 1
}

/** Says whether what is in a cgroup is told of which nothing else is said. @throws {SystemCallError} {ClosedError} */
export function sayOfOthers(map: WantedMap, isTold: boolean): void {
  map.set(OTHERS, isTold ? WANTED : LEFT_OUT)
}

/**
 * Says that a cgroup is wanted.
 *
 * @throws {InvalidSpecError} if something is said of as many as the map can hold, or the key is of none
 * @throws {SystemCallError} {ClosedError}
 */
export function want(map: WantedMap, key: bigint): void {
  if (put(map, key, WANTED)) return
  throw new InvalidSpecError(`Cannot tell by one more cgroup: ${roomOf(map)} are wanted already`, {
    hint: 'A cgroup stands for those below it: that of a pod for its containers.',
  })
}

/**
 * Says that a cgroup is left out.
 *
 * @returns whether there was room for it
 * @throws {InvalidSpecError} if the key is of none; {SystemCallError} {ClosedError}
 */
export function leaveOut(map: WantedMap, key: bigint): boolean {
  return put(map, key, LEFT_OUT)
}

/** Takes back what was said of a cgroup, if anything was. @throws {SystemCallError} {ClosedError} */
export function forget(map: WantedMap, key: bigint): void {
  if (key !== OTHERS) map.delete(key)
}

/** Those of which something is said. @throws {SystemCallError} {ClosedError} */
export function saidOf(map: WantedMap, what: 'wanted' | 'left_out'): readonly bigint[] {
  const value = what === 'wanted' ? WANTED : LEFT_OUT
  return [...map.entries()].flatMap(([key, said]) => (key !== OTHERS && said === value ? [key] : []))
}

function put(map: WantedMap, key: bigint, value: number): boolean {
  if (key === OTHERS) throw new InvalidSpecError('0 is the key of no cgroup')
  try {
    map.set(key, value)
    return true
  } catch (error) {
    if (!(error instanceof SystemCallError) || error.errnoName !== 'E2BIG') throw error
    return false
  }
}
