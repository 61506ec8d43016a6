import { readdirSync, readlinkSync } from 'node:fs'

/** What this process has open, each descriptor with what it is of. The descriptor of the listing itself is left out. */
export function openFiles(): Map<number, string> {
  const found = new Map<number, string>()
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      found.set(Number(name), readlinkSync(`/proc/self/fd/${name}`))
    } catch {
      // It was closed meanwhile: readdir's own.
    }
  }
  return found
}
