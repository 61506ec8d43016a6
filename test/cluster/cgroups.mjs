// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'

/** Where hierarchies are mounted: the one of version 2 alone, or one a controller (and perhaps one of version 2). */
function hierarchies() {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([, path = '', type]) => (type === 'cgroup' || type === 'cgroup2' ? [path] : []))
}

/**
 * Makes the cgroup that a node's pods will be below, with what the kubelet looks for in it.
 *
 * @param {string} path `/` is there
 */
export function makeCgroup(path) {
  if (path === '/') return
  for (const hierarchy of hierarchies()) {
    const folder = join(hierarchy, path)
    mkdirSync(folder, { recursive: true })
    // Version 1 gives none of them to a new cgroup by itself.
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (existsSync(join(folder, file)) && readFileSync(join(folder, file), 'utf8').trim() === '')
        tryWrite(join(folder, file), readFileSync(join(hierarchy, file), 'utf8'))
    // Version 2 gives no controllers but those that the parent passes on.
    if (hierarchy === ROOT)
      for (const name of ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids'])
        tryWrite(join(hierarchy, 'cgroup.subtree_control'), `+${name}`)
  }
}

/**
 * Cgroups of a node, in all hierarchies: its own, or where it shares the root the kubelet's in that.
 *
 * @param {string} path
 */
function cgroupsOf(path) {
  const below = path === '/' ? '/kubepods' : path
  return hierarchies()
    .map((hierarchy) => join(hierarchy, below))
    .filter(existsSync)
}

/**
 * Processes of the pods of a node.
 *
 * @param {string} path
 */
export function podProcesses(path) {
  const folders = cgroupsOf(path).flatMap(foldersBelow)
  const pids = folders.flatMap((folder) =>
    unlessGone(() => readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n')),
  )
  return [...new Set(pids.filter((line) => line !== '' && line !== '0').map(Number))]
}

/**
 * Removes a node's cgroups, when their processes have ended.
 *
 * @param {string} path
 */
export function removeCgroups(path) {
  for (const folder of cgroupsOf(path).flatMap(foldersBelow).reverse()) {
    unlessGone(() => {
      rmdirSync(folder)
      return []
    })
  }
}

/**
 * A folder and those in it, each before what it holds.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function foldersBelow(folder) {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true }))
  const inner = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
  return [folder, ...inner.flatMap(foldersBelow)]
}

/**
 * What was read; nothing of a cgroup that is gone by now: whoever made it removes it at the same time.
 *
 * @template T
 * @param {() => T[]} read
 * @returns {T[]}
 */
function unlessGone(read) {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) return []
    throw error
  }
}

/**
 * @param {string} file
 * @param {string} text
 */
function tryWrite(file, text) {
  try {
    writeFileSync(file, text)
  } catch {
    // A controller that this kernel has not: the kubelet says what it misses.
  }
}
