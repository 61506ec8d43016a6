import { namesToldBy } from '../identity/cgroups/kept-names.js'
import { ownerOfNames } from '../identity/names/owner-of-names.js'
import { type CgroupChanges, openCgroupChanges } from '../probes/cgroups/cgroup-changes.js'
import { presentCgroups } from '../probes/cgroups/present-cgroups.js'
import type { PodFilter } from './pod-filter.js'

/** How often the file system is looked through where the kernel does not tell of cgroups that come. */
const LOOK_MS = 2_000

/**
 * Tells a filter which cgroups there are, as they come and go: by the kernel’s tracepoints where they can be had, else by looking
 * now and then.
 *
 * @returns what ends it
 */
export function watchPodCgroups(filter: PodFilter, note: (message: string) => void): () => void {
  const ended = new AbortController()
  const changes = tracepoints(note)
  look(filter)
  const timer = changes === undefined ? setInterval(() => look(filter), LOOK_MS).unref() : undefined
  if (changes !== undefined)
    void follow(changes, filter, ended.signal).catch((error: unknown) => {
      note(`cgroups that come are not seen any more: ${String(error)}`)
    })
  return () => {
    ended.abort()
    clearInterval(timer)
    changes?.close()
  }
}

function tracepoints(note: (message: string) => void): CgroupChanges | undefined {
  try {
    return openCgroupChanges()
  } catch (error) {
    note(`cgroups that come are looked for each ${LOOK_MS / 1000} s: ${(error as Error).message}`)
    return undefined
  }
}

async function follow(changes: CgroupChanges, filter: PodFilter, signal: AbortSignal): Promise<void> {
  let lost = 0
  for await (const batch of changes.batches({ signal })) {
    for (const { key, change, names } of batch) {
      if (change === 'removed') filter.cgroupRemoved(key)
      else if (names !== undefined) filter.cgroupMade(key, ownerOfNames(namesToldBy(names)))
    }
    const lostNow = changes.lost()
    if (lostNow > lost || changes.namesMissing !== undefined) look(filter)
    lost = lostNow
  }
}

/** What is there now. */
function look(filter: PodFilter): void {
  for (const { key, names } of presentCgroups()) filter.cgroupMade(key, ownerOfNames(namesToldBy(names)))
}
