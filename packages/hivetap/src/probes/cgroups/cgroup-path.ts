/** A text with a character for each byte, as names of cgroups are told: they may be of any bytes. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/**
 * The names in a cgroup's path, innermost first: `/a/b` is `b`, `a`. What is above the root of a cgroup namespace is `..`
 * (cgroup_namespaces(7)).
 */
export function namesOfPath(path: string): string[] {
  return path
    .split('/')
    .filter((name) => name !== '')
    .reverse()
}

/** How many levels above the root of the reader's cgroup namespace a path begins: `/../../x` is 2. */
export function levelsAbove(path: string): number {
  return path.split('/').filter((name) => name === '..').length
}
