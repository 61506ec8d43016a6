// @ts-check
/** A week with faults, and one without: both have deployments, days and nights. */
import { Random } from '../../packages/hivetap/dist/simulation/random.js'
import { deployment, faultOf, KINDS } from './faults.mjs'

/** @typedef {import('./faults.mjs').Fault} Fault */
/** @typedef {import('./fleet.mjs').Change} Change */

export const WEEK_MINUTES = 7 * 24 * 60
/** Before the first fault, there is time to learn what is usual. */
const FIRST_MINUTES = 180
/** Between the beginnings of two faults: each is over, and forgotten, before the next. */
const APART_MINUTES = 90

/**
 * @param {number} seed
 * @param {number} minutes
 * @returns {{ faults: readonly Fault[], changes: readonly Change[] }}
 */
export function weekWithFaults(seed, minutes) {
  const random = new Random(seed)
  /** @type {Fault[]} */
  const faults = []
  for (let at = FIRST_MINUTES, index = 0; at + APART_MINUTES <= minutes; at += APART_MINUTES, index++) {
    const { kind, minutes: long } = /** @type {(typeof KINDS)[number]} */ (KINDS[index % KINDS.length])
    faults.push(faultOf(kind, at + random.between(0, 20), long, random))
  }
  // Over half a day each, beside the others.
  for (let at = FIRST_MINUTES + 600; at + 720 <= minutes; at += 2880)
    faults.push(faultOf('slow drift', at, 720, random))
  return { faults, changes: [...faults.flatMap(({ changes }) => changes), ...deployments(random, minutes)] }
}

/** @param {number} seed @param {number} minutes @returns {readonly Change[]} */
export function cleanWeek(seed, minutes) {
  return deployments(new Random(seed), minutes)
}

/** Several a day. @param {Random} random @param {number} minutes @returns {readonly Change[]} */
function deployments(random, minutes) {
  /** @type {Change[]} */
  const all = []
  for (let at = 200; at < minutes; at += random.between(120, 400))
    all.push(...deployment(random.pick(['checkout', 'cart', 'search', 'api', 'worker']), at))
  return all
}
