// @ts-check
/**
 * A fleet whose connects are made up, minute by minute: the same for the same seed. What it does by itself is what a fleet does
 * on good days: more by day than by night, now and then a connect that takes ten times as long or is refused, deployments.
 */
import { Random } from '../../packages/hivetap/dist/simulation/random.js'

export const MINUTE_US = 60_000_000
const DAY_MINUTES = 24 * 60
const NODES = 10

/**
 * @typedef {import('../../packages/hivetap/dist/detect/observation.js').Observation} Observation
 * @typedef {{ source: string, destination: string, aMinute: number, medianUs: number, spread: number }} Pair
 * @typedef {{ fits: (observation: Observation) => boolean, fromMinute: number, toMinute: number,
 *   change: (observation: Observation, random: Random, minute: number) => void, rate?: number }} Change
 */

/** Who connects to what, how often, and how long that takes. @type {readonly Pair[]} */
export const PAIRS = [
  pair('checkout', '10.0.1.1:5432', 120, 600, 0.4),
  pair('checkout', '10.0.1.2:6379', 200, 250, 0.3),
  pair('checkout', '203.0.113.7:443', 40, 42_000, 0.1),
  pair('cart', '10.0.1.2:6379', 180, 260, 0.3),
  pair('cart', '10.0.1.1:5432', 60, 620, 0.4),
  ...Array.from({ length: 10 }, (_, index) => pair('search', `10.0.2.${index + 1}:9200`, 40, 900, 0.5)),
  pair('api', '10.0.1.5:8080', 240, 400, 0.4),
  pair('api', '198.51.100.20:443', 60, 18_000, 0.15),
  pair('worker', '10.0.1.9:9092', 50, 700, 0.4),
  pair('worker', '10.0.0.10:53', 90, 300, 0.3),
  pair('api', '10.0.0.10:53', 90, 300, 0.3),
  // Quiet ones: too few to say what is usual.
  pair('mailer', '192.0.2.25:25', 0.2, 35_000, 0.5),
  pair('backup', '10.0.9.9:22', 0.05, 1500, 0.6),
]

/** @returns {Pair} */
function pair(
  /** @type {string} */ source,
  /** @type {string} */ destination,
  /** @type {number} */ aMinute,
  /** @type {number} */ medianUs,
  /** @type {number} */ spread,
) {
  return { source, destination, aMinute, medianUs, spread }
}

/**
 * The connects of a fleet, in the order of their times. The same object is given again and again.
 *
 * @param {{ seed: number, startUs: number, minutes: number, changes: readonly Change[] }} options
 * @returns {Generator<Observation>}
 */
export function* connectsOf({ seed, startUs, minutes, changes }) {
  const random = new Random(seed)
  for (let minute = 0; minute < minutes; minute++) {
    const active = changes.filter(({ fromMinute, toMinute }) => minute >= fromMinute && minute < toMinute)
    /** @type {Observation[]} */
    const connects = []
    for (const one of PAIRS) {
      const probe = { ...connectOf(one, startUs + minute * MINUTE_US, random) }
      const rate = active
        .filter(({ fits, rate }) => rate !== undefined && fits({ ...probe, host: '' }))
        .reduce((factor, change) => factor * (change.rate ?? 1), one.aMinute * daily(minute))
      for (let left = poisson(rate, random); left > 0; left--) {
        const connect = connectOf(one, startUs + minute * MINUTE_US, random)
        for (const change of active) if (change.fits(connect)) change.change(connect, random, minute)
        connects.push(connect)
      }
    }
    connects.sort((a, b) => a.timeUs - b.timeUs)
    yield* connects
  }
}

/** @returns {Observation} */
function connectOf(
  /** @type {Pair} */ { source, destination, medianUs, spread },
  /** @type {number} */ minuteUs,
  /** @type {Random} */ random,
) {
  const tail = random.fraction() < 0.005 ? 10 : 1
  const latencyUs = Math.round(medianUs * Math.exp(spread * normal(random)) * tail)
  const isRefused = random.fraction() < 0.0005
  return {
    timeUs: minuteUs + Math.floor(random.fraction() * MINUTE_US),
    stream: 0,
    eventId: '',
    epoch: '',
    sequence: -1,
    latencyUs,
    outcome: isRefused ? 'refused' : 'connected',
    cause: 'network',
    host: `node-${Math.floor(random.fraction() * NODES)}`,
    comm: source,
    pid: 1000,
    source,
    destination,
    weight: 1,
    summary: undefined,
    isPart: false,
  }
}

/** From 0.4 by night to 1.6 by day. */
function daily(/** @type {number} */ minute) {
  return 1 + 0.6 * Math.sin((2 * Math.PI * (minute % DAY_MINUTES)) / DAY_MINUTES - Math.PI / 2)
}

/** Box and Muller's. */
function normal(/** @type {Random} */ random) {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction())
}

/** Knuth's; above thirty as the normal distribution has it. */
function poisson(/** @type {number} */ mean, /** @type {Random} */ random) {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.fraction(); product > limit; product *= random.fraction()) count++
  return count
}
