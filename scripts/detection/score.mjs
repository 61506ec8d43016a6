// @ts-check
/** Holds alerts against the faults that there were. */
import { MINUTE_US } from './fleet.mjs'

/**
 * @typedef {import('./faults.mjs').Fault} Fault
 * @typedef {import('../../packages/hivetap/dist/detect/dimension.js').Key} Key
 * @typedef {{ key: Key, fromUs: number, toUs: number, toldUs: number }} Episode an alert, from when to when, and when it was told
 * @typedef {{ found: number, of: number, delays: readonly number[] }} KindScore delays in minutes from when the fault began
 */

/** A fault shows in windows that it ends in, and an alert of one is told after it. */
const SLACK_US = 3 * MINUTE_US

/**
 * @param {readonly Episode[]} episodes
 * @param {readonly Fault[]} faults
 * @param {number} startUs
 * @returns {{ byKind: ReadonlyMap<string, KindScore>, alerts: number, wrong: readonly Episode[] }}
 */
export function score(episodes, faults, startUs) {
  /** @type {Map<string, { found: number, of: number, delays: number[] }>} */
  const byKind = new Map()
  for (const fault of faults) {
    const kind = byKind.get(fault.kind) ?? { found: 0, of: 0, delays: [] }
    byKind.set(fault.kind, kind)
    kind.of++
    const first = episodes
      .filter((episode) => belongs(episode, fault, startUs))
      .reduce((least, { toldUs }) => Math.min(least, toldUs), Number.POSITIVE_INFINITY)
    if (first === Number.POSITIVE_INFINITY) continue
    kind.found++
    kind.delays.push((first - startUs) / MINUTE_US - fault.fromMinute)
  }
  const wrong = episodes.filter((episode) => !faults.some((fault) => belongs(episode, fault, startUs)))
  return { byKind, alerts: episodes.length, wrong }
}

/** @param {Episode} episode @param {Fault} fault @param {number} startUs */
function belongs({ key, fromUs }, { fromMinute, toMinute, touches }, startUs) {
  const beginUs = startUs + fromMinute * MINUTE_US
  const endUs = startUs + toMinute * MINUTE_US
  // From its first window, which may have begun before it, to where it has worn off.
  return touches(key) && fromUs > beginUs - MINUTE_US && fromUs < endUs + SLACK_US
}
