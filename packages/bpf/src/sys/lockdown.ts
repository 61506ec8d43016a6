import { readFileSync } from 'node:fs'
import { mountPrivately } from './private-mount.js'

/**
 * How far the kernel protects itself from root: kernel_lockdown(7). Under `confidentiality` programs may not copy kernel
 * memory, and tracefs is empty.
 */
export type Lockdown = 'none' | 'integrity' | 'confidentiality'

const FILE = 'lockdown'
const PLACE = `/sys/kernel/security/${FILE}`

/**
 * Reads the level from securityfs; where that is not mounted, from one mounted privately, which takes CAP_SYS_ADMIN.
 *
 * @returns `undefined` where the kernel has no lockdown (before Linux 5.4, or built without it), or it cannot be read
 */
export function readLockdown(): Lockdown | undefined {
  const text = readText(PLACE) ?? readPrivately()
  // The level that is in force stands in brackets: `none integrity [confidentiality]` (security/lockdown/lockdown.c).
  const level = /\[(\w+)\]/.exec(text ?? '')?.[1]
  return level === 'none' || level === 'integrity' || level === 'confidentiality' ? level : undefined
}

function readPrivately(): string | undefined {
  const root = mountPrivately('securityfs')
  if (typeof root === 'number') return undefined
  try {
    return readText(`/proc/self/fd/${root.number}/${FILE}`)
  } finally {
    root.close()
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
