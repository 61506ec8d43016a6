import { setImmediate as turn } from 'node:timers/promises'
import { type CgroupInode, cgroupKey } from '../../probes/cgroup-key.js'
import type { HierarchyMount } from '../../probes/cgroups/hierarchy-mount.js'
import { type CgroupDirectory, namesOfDirectory, walkCgroups } from '../../probes/cgroups/walk-cgroups.js'

/** Directories that are looked at in one walk, of all hierarchies together. */
const MOST = 32_768
/** A walk is followed by so many times its own time without another, and at least by {@link LEAST_PAUSE_MS}. */
const PAUSE = 20
const LEAST_PAUSE_MS = 1000
/** So long it goes on before whatever else waits has its turn. */
const SLICE_MS = 2

/** What came of walking. */
export interface DirectoryCounts {
  readonly walks: number
  /** Directories that the last walk found. */
  readonly directories: number
  /** Whether the last walk ended before it had seen all. */
  readonly cut: boolean
}

/**
 * The cgroups that there are, by the inodes of their directories: the file system is walked, outermost first, beside whatever
 * else the process does, in slices of time. It is bounded, and done at most every second, and for a twentieth of the time.
 */
export class CgroupDirectories {
  readonly #mounts: readonly HierarchyMount[]
  readonly #most: number
  #found = new Map<bigint, CgroupDirectory>()
  #walks = 0
  #cut = false
  #running: Promise<void> | undefined
  #next: NodeJS.Timeout | undefined
  /** Milliseconds of {@link performance.now} before which none is begun. */
  #notBefore = 0
  #closed = false

  /** @param most directories that are looked at in one walk */
  constructor(mounts: readonly HierarchyMount[], most = MOST) {
    this.#mounts = mounts
    this.#most = most
  }

  /**
   * The names of a cgroup and of those that it is in, innermost first, as they were when it was last walked. They end with `..`
   * where they do not reach the root of the host.
   */
  names({ version, inode }: CgroupInode): readonly string[] | undefined {
    const found = this.#found.get(cgroupKey(BigInt(inode), version))
    return found === undefined ? undefined : namesOfDirectory(found)
  }

  /** Walks, now or as soon as it may be done again. */
  want(): void {
    if (this.#closed || this.#mounts.length === 0) return
    if (this.#running !== undefined || this.#next !== undefined) return
    this.#next = setTimeout(() => {
      this.#next = undefined
      void this.walk()
    }, this.#notBefore - performance.now())
    // Nothing waits for it.
    this.#next.unref()
  }

  /** Walks at once; resolves when it is done. One that is under way is waited for instead. Never rejects. */
  walk(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#running ??= this.#walk().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  counts(): DirectoryCounts {
    return { walks: this.#walks, directories: this.#found.size, cut: this.#cut }
  }

  /** Ends a walk that is under way, and begins no other. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#next)
  }

  async #walk(): Promise<void> {
    const begun = performance.now()
    const found = new Map<bigint, CgroupDirectory>()
    const walk = walkCgroups(this.#mounts, this.#most)
    let turnAt = begun + SLICE_MS
    let next = walk.next()
    for (; next.done !== true; next = walk.next()) {
      const { key, directory } = next.value
      found.set(key, directory)
      if (performance.now() < turnAt) continue
      await turn()
      if (this.#closed) return
      turnAt = performance.now() + SLICE_MS
    }
    this.#found = found
    this.#cut = next.value
    this.#walks++
    const now = performance.now()
    this.#notBefore = now + Math.max(LEAST_PAUSE_MS, (now - begun) * PAUSE)
  }
}
