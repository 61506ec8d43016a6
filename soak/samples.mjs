// @ts-check
import { readdirSync, readFileSync } from 'node:fs'

/** How much larger resident memory may be in the last quarter than in the second: the first is for warming up. */
const MOST_GROWTH = 0.1

/** Descriptors that may be open beyond those of the first minute: connections to a broker that was down in much of it. */
const MORE_FDS = 2

/**
 * What /proc tells of a process. `collected`: what was not in use any more had just been collected, so that what is resident
 * is in use; garbage alone can be a fifth of it.
 *
 * @typedef {{ atMs: number, collected: boolean, rssMB: number, fds: number, threads: number }} Sample
 */

/** @param {number} pid @param {number} atMs since the beginning @param {boolean} collected @returns {Sample} */
export function sampleOf(pid, atMs, collected) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const field = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return {
    atMs,
    collected,
    rssMB: (field('VmRSS') * 1024) / 1e6,
    fds: readdirSync(`/proc/${pid}/fd`).length,
    threads: field('Threads'),
  }
}

/**
 * Judges a run by its samples; the last is of when nothing was to be done any more.
 *
 * @param {readonly Sample[]} samples
 * @returns {{ rows: Record<string, string | number>, faults: string[] }}
 */
export function judge(samples) {
  const lastMs = samples.at(-1)?.atMs ?? 0
  const within = (/** @type {number} */ from, /** @type {number} */ to) =>
    samples.filter(({ atMs }) => atMs >= from && atMs <= to)
  const inUse = (/** @type {number} */ from, /** @type {number} */ to) =>
    median(
      within(from, to)
        .filter(({ collected }) => collected)
        .map(({ rssMB }) => rssMB),
    )
  const before = inUse(lastMs / 4, lastMs / 2)
  const after = inUse((lastMs * 3) / 4, lastMs)
  const growth = after / before - 1
  // Of a run of less than two minutes, its first half.
  const mostFds = Math.max(...within(0, Math.min(60_000, lastMs / 2)).map(({ fds }) => fds))
  const { fds = 0, threads = 0 } = samples.at(-1) ?? {}
  return {
    rows: {
      'resident, in use, 2nd quarter': `${before.toFixed(1)} MB`,
      'resident, in use, last quarter': `${after.toFixed(1)} MB (${(growth * 100).toFixed(1)} %)`,
      'resident at most': `${Math.max(...samples.map(({ rssMB }) => rssMB)).toFixed(1)} MB`,
      'descriptors, first minute at most': mostFds,
      'descriptors at the end': fds,
      'threads at the end': threads,
    },
    faults: [
      // Not `>`: without samples it is NaN.
      ...(growth < MOST_GROWTH ? [] : [`resident memory in use grew by ${(growth * 100).toFixed(1)} %`]),
      ...(fds <= mostFds + MORE_FDS
        ? []
        : [`${fds - mostFds} descriptors more are open than ever in the first minute`]),
    ],
  }
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
