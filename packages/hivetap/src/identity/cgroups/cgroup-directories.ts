import { readdir, stat } from 'node:fs/promises'
import type { CgroupInode } from './cgroup-key.js'
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
 * else the process does. It is bounded, and done at most every second, and for a twentieth of the time.
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
    const todo: [Buffer, Directory][] = [[Buffer.from(mount.path), top]]
    // It grows while it is walked.
    for (const [path, directory] of todo) {
      const inode = await inodeOf(path)
      if (this.#closed) return
      if (inode === undefined) continue
      found.set(placeOf(mount.version, inode), directory)
      for (const name of await directoriesIn(path)) {
        if (this.#seen >= this.#most) {
          this.#cut = true
          break
        }
        this.#seen++
        const within = { name: name.toString('latin1'), parent: directory, mount }
        todo.push([Buffer.concat([path, SLASH, name]), within])
      }
    }
  }
}

const SLASH = Buffer.from('/')

/** The hierarchies count by themselves. */
const placeOf = (version: 1 | 2, inode: number) => (version === 1 ? -inode : inode)

/** Absent where it is gone meanwhile. */
async function inodeOf(path: Buffer): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch {
    return undefined
  }
}

/** Names may be of any bytes, which a text would not hold. */
async function directoriesIn(path: Buffer): Promise<Buffer[]> {
  try {
    const entries = await readdir(path, { encoding: 'buffer', withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch {
    return []
  }
}
