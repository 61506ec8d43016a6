// @ts-check
/** Faults that are put into a fleet's connects, each with where and when it is: what ought to be found. */
import { PAIRS } from './fleet.mjs'

/**
 * @typedef {import('./fleet.mjs').Change} Change
 * @typedef {import('../../packages/hivetap/dist/detect/observation.js').Observation} Observation
 * @typedef {import('../../packages/hivetap/dist/detect/dimension.js').Key} Key
 * @typedef {import('../../packages/hivetap/dist/simulation/random.js').Random} Random
 * @typedef {{ kind: string, sharp: boolean, fromMinute: number, toMinute: number, touches: (key: Key) => boolean,
 *   changes: readonly Change[] }} Fault
 */

/** Kinds of faults, and for how many minutes each is there. @type {readonly { kind: string, minutes: number }[]} */
export const KINDS = [
  { kind: 'slow backend', minutes: 20 },
  { kind: 'SYN loss on a node', minutes: 15 },
  { kind: 'resolver', minutes: 12 },
  { kind: 'dead backend', minutes: 10 },
  { kind: 'black hole', minutes: 10 },
  { kind: 'retries in a storm', minutes: 10 },
  { kind: 'flapping', minutes: 30 },
]

const RESOLVER = '10.0.0.10:53'
/** Becomes slower over half a day. */
const DRIFTING = '10.0.1.5:8080'

/**
 * @param {string} kind
 * @param {number} fromMinute
 * @param {number} minutes
 * @param {Random} random
 * @returns {Fault}
 */
export function faultOf(kind, fromMinute, minutes, random) {
  const toMinute = fromMinute + minutes
  const span = { fromMinute, toMinute }
  const backend = `10.0.2.${1 + Math.floor(random.fraction() * 10)}:9200`
  const busy = PAIRS.filter(({ aMinute }) => aMinute >= 40)
  const { source, destination } = /** @type {import('./fleet.mjs').Pair} */ (
    busy[Math.floor(random.fraction() * busy.length)]
  )
  const node = `node-${Math.floor(random.fraction() * 10)}`
  /** @type {(there: string) => (one: Observation) => boolean} */
  const to = (there) => (one) => one.destination === there
  /** @type {(there: string) => (key: Key) => boolean} */
  const touchesDestination = (there) => (key) => key.destination === undefined || key.destination === there
  /** @type {(touches: Fault['touches'], change: Omit<Change, keyof typeof span>) => Fault} */
  const fault = (touches, change) => ({
    kind,
    sharp: kind !== 'slow drift',
    ...span,
    touches,
    changes: [{ ...span, ...change }],
  })
  switch (kind) {
    case 'slow backend': {
      const extra = 15_000 + random.fraction() * 285_000
      return fault(touchesDestination(backend), {
        fits: to(backend),
        change: (one) => {
          one.latencyUs += Math.round(extra * (0.5 + random.fraction()))
          one.cause = 'network'
        },
      })
    }
    case 'SYN loss on a node':
      return fault((key) => key.host === undefined || key.host === node, {
        fits: (one) => one.host === node,
        change: (one, dice) => {
          if (dice.fraction() > 0.2) return
          one.latencyUs += dice.fraction() < 0.2 ? 3_000_000 : 1_000_000
          one.cause = 'syn_loss'
        },
      })
    case 'resolver':
      return fault(touchesDestination(RESOLVER), {
        fits: to(RESOLVER),
        change: (one, dice) => {
          if (dice.fraction() < 0.3) {
            one.outcome = 'timed_out'
            one.latencyUs = 5_000_000
            one.cause = 'unknown'
          } else one.latencyUs *= 20
        },
      })
    case 'dead backend':
      return fault(touchesDestination(backend), { fits: to(backend), change: refuse })
    case 'black hole':
      return fault(touchesDestination(destination), {
        fits: to(destination),
        change: (one, dice) => {
          one.outcome = 'stuck'
          one.latencyUs = [1_000_000, 3_000_000, 7_000_000][Math.floor(dice.fraction() * 3)] ?? 1_000_000
          one.cause = 'syn_loss'
        },
      })
    case 'retries in a storm':
      return fault(
        (key) => touchesDestination(destination)(key) && (key.source === undefined || key.source === source),
        {
          rate: 20,
          fits: (one) => one.destination === destination && one.source === source,
          change: (one, dice) => {
            if (dice.fraction() < 0.9) refuse(one)
          },
        },
      )
    case 'flapping': {
      const on = (/** @type {number} */ minute) => (minute - fromMinute) % 3 !== 2
      return fault(touchesDestination(destination), {
        fits: to(destination),
        change: (one, _, minute) => {
          if (on(minute)) one.latencyUs += 150_000
        },
      })
    }
    case 'slow drift':
      return fault(touchesDestination(DRIFTING), {
        fits: to(DRIFTING),
        change: (one, _, minute) => {
          one.latencyUs = Math.round(one.latencyUs * (1 + (40 * (minute - fromMinute)) / minutes))
        },
      })
    default:
      throw new Error(`There is no fault ${kind}`)
  }
}

/** @param {Observation} one */
function refuse(one) {
  one.outcome = 'refused'
  one.cause = 'unknown'
}

/**
 * A deployment, which is no fault: a minute with less, then for a while somewhat slower, and some connects refused.
 *
 * @param {string} source
 * @param {number} fromMinute
 * @returns {readonly Change[]}
 */
export function deployment(source, fromMinute) {
  const fits = (/** @type {Observation} */ one) => one.source === source
  return [
    {
      fromMinute,
      toMinute: fromMinute + 1,
      fits,
      rate: 0.3,
      change: (one, random) => {
        if (random.fraction() < 0.01) one.outcome = 'refused'
      },
    },
    {
      fromMinute: fromMinute + 1,
      toMinute: fromMinute + 60,
      fits,
      rate: 1.2,
      change: (one) => {
        one.latencyUs = Math.round(one.latencyUs * 1.15)
      },
    },
  ]
}
