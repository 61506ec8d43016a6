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

/** How long is waited for processes that were killed. */
const PATIENCE = 200
const PAUSE_MS = 10

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

  /** Removes it; processes in it must have ended, or be about to: they are in it until they are gone. */
  close(): void {
    for (let left = PATIENCE; ; left--) {
      try {
        rmdirSync(this.path)
        return
      } catch (error) {
        if (left === 0 || (error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
      }
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
