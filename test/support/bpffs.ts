import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { libc } from '../../packages/bpf/src/sys/libc.js'
import { kernelTestsBlockedBy } from './kernel.js'

const MNT_DETACH = 2

/** A bpffs of the test's own, in a folder of its own. */
export interface Bpffs {
  readonly path: string
  /** Unmounts it: what is pinned on it goes. */
  close(): void
}

/** Mounts one; a negative error number if that is not permitted. */
export function mountBpffs(): Bpffs | number {
  const path = mkdtempSync(join(tmpdir(), 'hivetap-bpffs-'))
  const result = libc().mount('bpf', path, 'bpf', 0)
  if (result < 0) {
    rmdirSync(path)
    return result
  }
  return {
    path,
    close: () => {
      libc().umount(path, MNT_DETACH)
      rmdirSync(path)
    },
  }
}

/** Whether tests can mount one: else those that pin are left out. */
export function canMountBpffs(): boolean {
  if (kernelTestsBlockedBy() !== undefined) return false
  const mounted = mountBpffs()
  if (typeof mounted === 'number') {
    process.stderr.write(`tests that pin are left out: a bpffs cannot be mounted (errno ${-mounted})\n`)
    return false
  }
  mounted.close()
  return true
}

/** One for a test that is only run if `canMountBpffs`. */
export function mountedBpffs(): Bpffs {
  const mounted = mountBpffs()
  if (typeof mounted === 'number') throw new Error(`mounting a bpffs: errno ${-mounted}`)
  return mounted
}
