import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where control groups of version 2 are mounted, if they are. */
export function cgroup2Mount(): string | undefined {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'cgroup2')?.[1]
}

/** Where control groups of version 1 with a controller are mounted, if they are. */
export function cgroup1Mount(controller: string): string | undefined {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes(controller))?.[1]
}

/** Whether control groups can be made there. */
export function canMakeCgroups(mount: string | undefined): mount is string {
  try {
    TestCgroup.createIn(mount ?? '', 'hivetap-test-whether').close()
    return mount !== undefined
  } catch {
    return false
  }
}

/**
 * The control group of a process as bpf_get_current_cgroup_id() numbers it: the inode of its directory. `undefined` where
 * none of version 2 is mounted.
 */
export function cgroupIdOf(pid: number | 'self'): number | undefined {
  const mount = cgroup2Mount()
  const path = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1]
  return mount === undefined || path === undefined ? undefined : statSync(join(mount, path)).ino
}

/** A control group of the test's own. */
export class TestCgroup {
  readonly path: string

  private constructor(path: string) {
    mkdirSync(path)
    this.path = path
  }

  /** One at the top; `undefined` where none can be made. */
  static create(): TestCgroup | undefined {
    const mount = cgroup2Mount()
    if (mount === undefined) return undefined
    try {
      return new TestCgroup(join(mount, `hivetap-test-${process.pid}`))
    } catch {
      return undefined
    }
  }

  /** One in a hierarchy that is mounted there. */
  static createIn(mount: string, name = `hivetap-test-${process.pid}`): TestCgroup {
    return new TestCgroup(join(mount, name))
  }

  within(name: string): TestCgroup {
    return new TestCgroup(join(this.path, name))
  }

  /** Those within each other, the outermost first. */
  nested(...names: readonly string[]): TestCgroup[] {
    const made: TestCgroup[] = []
    for (const name of names) made.push((made.at(-1) ?? this).within(name))
    return made
  }

  /** Its inode, which is its number. */
  get inode(): bigint {
    return statSync(this.path, { bigint: true }).ino
  }

  /** Moves a process into it. */
  add(pid: number): void {
    writeFileSync(join(this.path, 'cgroup.procs'), String(pid))
  }

  /** Removes it; processes in it must have ended. */
  close(): void {
    rmdirSync(this.path)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

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
