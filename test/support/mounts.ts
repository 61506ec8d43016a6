import { readdirSync, readFileSync } from 'node:fs'

/** The mounts of a file system type that each process of this host sees, by its number. */
export function mountsOf(type: string): Map<number, string[]> {
  const mounts = new Map<number, string[]>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n')
      mounts.set(
        Number(pid),
        lines.filter((line) => line.includes(` - ${type} `)),
      )
    } catch {
      // It has ended, or has no mount namespace any more.
    }
  }
  return mounts
}

/** What processes see that they did not see before; those that began since are left out. */
export function newMounts(type: string, before: ReadonlyMap<number, readonly string[]>): string[] {
  return [...mountsOf(type)].flatMap(([pid, lines]) => {
    const known = before.get(pid)
    return known === undefined
      ? []
      : lines.filter((line) => !known.includes(line)).map((line) => `${pid}: ${line}`)
  })
}
