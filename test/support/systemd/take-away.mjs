// @ts-check
/**
 * Takes away a machine, once its standard input ends: whoever started the machine closes it, or is gone, however it ended.
 *
 *   node take-away.mjs GROUP FOLDER
 *
 * GROUP is its control group, of version 2; FOLDER has its root, and its name.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [group = '', folder = ''] = process.argv.slice(2)
const PAUSE_MS = 20
/** How long systemd-nspawn has to end by itself, and all of it to be gone. */
const [GENTLE, PATIENCE] = [250, 1000]

process.stdin.resume()
await new Promise((resolve) => process.stdin.once('close', resolve))
await endAll()
await removeTree(group)
removeLeftBehind()
rmSync(folder, { recursive: true })

/** The container's processes first: systemd-nspawn, which is beside them, then takes back what it made, and ends. */
async function endAll() {
  for (let round = 0; processesBelow(group).length > 0; round++) {
    if (round === PATIENCE) throw new Error(`processes of ${group} do not end`)
    for (const pid of processesBelow(round < GENTLE ? join(group, 'payload') : group)) kill(pid)
    await sleep(PAUSE_MS)
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended in between.
  }
}

/**
 * @param {string} path
 * @returns {number[]}
 */
function processesBelow(path) {
  if (!existsSync(path)) return []
  try {
    const own = readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
    return [...own, ...foldersIn(path).flatMap(processesBelow)]
  } catch {
    // It is removed in between.
    return []
  }
}

/** @param {string} path */
function foldersIn(path) {
  const entries = readdirSync(path, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name))
}

/** @param {string} path of a control group: it is busy for a moment after its last process */
async function removeTree(path) {
  for (const inner of foldersIn(path)) await removeTree(inner)
  for (let left = PATIENCE; ; left--) {
    try {
      rmdirSync(path)
      return
    } catch (error) {
      if (left === 0) throw error
      await sleep(PAUSE_MS)
    }
  }
}

/** What systemd-nspawn leaves where it had to be killed. */
function removeLeftBehind() {
  const own = '/run/systemd/nspawn'
  const place = join(own, 'propagate', basename(folder))
  if (existsSync(place)) rmdirSync(place)
  const { dev, ino } = statSync(join(folder, 'root'))
  rmSync(join(own, 'locks', `inode-${dev}:${ino}`), { force: true })
}
