import { readdirSync, statSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { CgroupInode } from '../../probes/cgroup-key.js'
import type { HierarchyMount } from './hierarchy-mount.js'

/** A directory that was found: its name, and that which it is in. */
interface Directory {
  readonly name: string
  /** `undefined` for what is mounted itself. */
  readonly parent: Directory | undefined
  readonly mount: HierarchyMount
}

/** Directories that are looked at in one walk, of all hierarchies together. */
const MOST = 32_768
/** A walk is followed by so many times its own time without another, and at least by {@link LEAST_PAUSE_MS}. */
const PAUSE = 20
const LEAST_PAUSE_MS = 1000
/** So long it goes on before whatever else waits has its turn. */
const SLICE_MS = 2
/** Of a directory without directories in it: its own name, and `.` in it. kernfs counts those that it has. */
const LINKS_OF_LEAF = 2

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
  #found = new Map<number, Directory>()
  #walks = 0
  #cut = false
  /** Directories that the walk under way has come upon. */
  #seen = 0
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
    const found = this.#found.get(placeOf(version, inode))
    if (found === undefined) return undefined
    const names: string[] = []
    for (let at: Directory = found; at.parent !== undefined; at = at.parent) names.push(at.name)
    return [...names, ...found.mount.above]
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
    const found = new Map<number, Directory>()
    this.#cut = false
    this.#seen = 0
    for (const mount of this.#mounts) await this.#walkMount(mount, found)
    if (this.#closed) return
    this.#found = found
    this.#walks++
    const now = performance.now()
    this.#notBefore = now + Math.max(LEAST_PAUSE_MS, (now - begun) * PAUSE)
  }

  async #walkMount(mount: HierarchyMount, found: Map<number, Directory>): Promise<void> {
    const top: Directory = { name: '', parent: undefined, mount }
    const todo: [string, Directory][] = [[bytesOf(mount.path), top]]
    let turnAt = performance.now() + SLICE_MS
    // It grows while it is walked.
    for (const [path, directory] of todo) {
      if (performance.now() >= turnAt) {
        await turn()
        if (this.#closed) return
        turnAt = performance.now() + SLICE_MS
      }
      const there = lookAt(path)
      if (there === undefined) continue
      found.set(placeOf(mount.version, there.ino), directory)
      if (there.nlink === LINKS_OF_LEAF) continue
      for (const name of directoriesIn(path)) {
        if (this.#seen >= this.#most) {
          this.#cut = true
          break
        }
        this.#seen++
        todo.push([`${path}/${name}`, { name, parent: directory, mount }])
      }
    }
  }
}

/** The hierarchies count by themselves. */
const placeOf = (version: 1 | 2, inode: number) => (version === 1 ? -inode : inode)

/** A path with a character for each byte: names may be of any bytes. */
const bytesOf = (path: string) => Buffer.from(path).toString('latin1')

/** `undefined` where it is gone meanwhile. */
function lookAt(path: string): { readonly ino: number; readonly nlink: number } | undefined {
  try {
    return statSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function directoriesIn(path: string): string[] {
  try {
    const entries = readdirSync(Buffer.from(path, 'latin1'), { encoding: 'latin1', withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch {
    return []
  }
}
