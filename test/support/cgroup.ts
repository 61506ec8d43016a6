import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where control groups of version 2 are mounted, if they are. */
export function cgroup2Mount(): string | undefined {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'cgroup2')?.[1]
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

  within(name: string): TestCgroup {
    return new TestCgroup(join(this.path, name))
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
