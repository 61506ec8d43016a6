// @ts-check
/**
 * What else is usual, on the same windows and keys: a fixed threshold for all, and an exponentially weighted mean and deviation.
 * Both judge p95 and the share of failures of each source and destination, and of each node, a minute at a time.
 */
import { MINUTE_US } from './fleet.mjs'

/**
 * @typedef {import('../../packages/hivetap/dist/detect/observation.js').Observation} Observation
 * @typedef {import('../../packages/hivetap/dist/detect/dimension.js').Key} Key
 * @typedef {import('./score.mjs').Episode} Episode
 * @typedef {{ p95Us: number, failed: number, connects: number }} Minute
 */

const LEAST_CONNECTS = 20
const FAILED = 0.05
const CALM_MINUTES = 2

/** Gathers minutes, and has a judge look at each. */
export class Rival {
  /** @type {Map<string, { key: Key, latencies: number[], failed: number, connects: number }>} */
  #open = new Map()
  #minuteUs = 0
  /** @type {Map<string, { episode: Episode, calm: number }>} */
  #bad = new Map()
  /** @type {Episode[]} */
  episodes = []
  /** @type {(id: string, minute: Minute) => boolean} */
  #isBad

  /** @param {(id: string, minute: Minute) => boolean} isBad */
  constructor(isBad) {
    this.#isBad = isBad
  }

  /** @param {Observation} connect */
  take({ timeUs, source, destination, host, latencyUs, outcome }) {
    const minuteUs = Math.floor(timeUs / MINUTE_US) * MINUTE_US
    if (minuteUs !== this.#minuteUs) this.#judge(minuteUs)
    this.#count(`${source} ${destination}`, { source, destination }, latencyUs, outcome)
    this.#count(host, { host }, latencyUs, outcome)
  }

  finish() {
    this.#judge(this.#minuteUs + MINUTE_US)
  }

  /** @param {string} id @param {Key} key @param {number} latencyUs @param {Observation['outcome']} outcome */
  #count(id, key, latencyUs, outcome) {
    let minute = this.#open.get(id)
    if (minute === undefined) {
      minute = { key, latencies: [], failed: 0, connects: 0 }
      this.#open.set(id, minute)
    }
    minute.connects++
    if (outcome === 'connected') minute.latencies.push(latencyUs)
    else minute.failed++
  }

  /** @param {number} nextUs */
  #judge(nextUs) {
    const endUs = this.#minuteUs + MINUTE_US
    for (const id of this.#bad.keys()) if (!this.#open.has(id)) this.#calm(id)
    for (const [id, { key, latencies, failed, connects }] of this.#open) {
      latencies.sort((a, b) => a - b)
      const p95Us = latencies[Math.ceil(latencies.length * 0.95) - 1] ?? 0
      const isBad = this.#isBad(id, { p95Us, failed, connects })
      const known = this.#bad.get(id)
      if (!isBad) this.#calm(id)
      else if (known !== undefined) {
        known.calm = 0
        known.episode.toUs = endUs
      } else {
        const episode = { key, fromUs: this.#minuteUs, toUs: endUs, toldUs: endUs }
        this.#bad.set(id, { episode, calm: 0 })
        this.episodes.push(episode)
      }
    }
    this.#open.clear()
    this.#minuteUs = nextUs
  }

  /** @param {string} id */
  #calm(id) {
    const known = this.#bad.get(id)
    if (known !== undefined && ++known.calm >= CALM_MINUTES) this.#bad.delete(id)
  }
}

/** One limit for all. */
export function fixedThreshold(limitUs = 100_000) {
  return new Rival((_, { p95Us, failed, connects }) => {
    if (connects < LEAST_CONNECTS) return false
    return p95Us > limitUs || failed / connects > FAILED
  })
}

/** Mean and variance that forget, three deviations. */
export function ewma(alpha = 0.05, deviations = 3, warmUp = 30) {
  /** @type {Map<string, { mean: number, variance: number, seen: number }>} */
  const states = new Map()
  return new Rival((id, { p95Us, failed, connects }) => {
    if (connects < LEAST_CONNECTS) return false
    const state = states.get(id) ?? { mean: p95Us, variance: 0, seen: 0 }
    states.set(id, state)
    const difference = p95Us - state.mean
    const isBad = state.seen >= warmUp && difference > deviations * Math.sqrt(state.variance)
    state.mean += alpha * difference
    state.variance = (1 - alpha) * (state.variance + alpha * difference * difference)
    state.seen++
    return isBad || failed / connects > FAILED
  })
}
