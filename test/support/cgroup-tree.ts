import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cgroup2Mount } from './cgroup.js'

/** A hierarchy of control groups that is mounted: version 2, or that of a controller of version 1. */
export interface Hierarchy {
  readonly version: 1 | 2
  readonly path: string
}

/** The hierarchies of this host whose groups tell whose a process is: version 2, and memory's of version 1. */
export function hierarchies(): Hierarchy[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  const memory = mounts.find(
    ([, , type, options]) => type === 'cgroup' && options?.split(',').includes('memory'),
  )
  const found: Hierarchy[] = []
  if (memory?.[1] !== undefined) found.push({ version: 1, path: memory[1] })
  const mount = cgroup2Mount()
  if (mount !== undefined) found.push({ version: 2, path: mount })
  return found
}

/** Groups below one of the test's own, by their paths: made with all above them, and removed together. */
export class CgroupTree {
  readonly #hierarchy: Hierarchy
  readonly #made: string[] = []
  /** From the hierarchy's root on. */
  readonly root: string

  constructor(hierarchy: Hierarchy) {
    this.#hierarchy = hierarchy
    this.root = `/hivetap-test-${process.pid}`
    this.make('')
  }

  /** @param path from the test's own group on, `/a/b` @returns the group's number, as events tell it */
  make(path: string): number | bigint {
    let place = this.#hierarchy.path + this.root
    for (const name of path.split('/')) {
      place = join(place, name)
      if (this.#made.includes(place)) continue
      mkdirSync(place)
      this.#made.push(place)
    }
    const inode = statSync(place).ino
    return this.#hierarchy.version === 1 ? BigInt(inode) | (1n << 63n) : inode
  }

  /** Moves a process. */
  move(pid: number, path: string): void {
    writeFileSync(join(this.#hierarchy.path + this.root, path, 'cgroup.procs'), String(pid))
  }

  /** Removes all; processes in them must have ended. */
  close(): void {
    for (const place of this.#made.splice(0).reverse()) rmdirSync(place)
  }
}
