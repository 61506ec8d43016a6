import { Backoff } from '../../../delivery/backoff.js'
import type { AlertmanagerPeer } from './alertmanager-peer.js'
import type { StandingAlerts } from './standing-alerts.js'

/**
 * Tells an Alertmanager again and again what is open: it takes for over what it is not told of for its resolve_timeout. One
 * that is behind is tried sooner, with growing waits, and told what was over meanwhile as well.
 */
export class PeerLoop {
  /** Alerts that were told again. */
  resent = 0
  readonly #peer: AlertmanagerPeer
  readonly #standing: StandingAlerts
  readonly #everyMs: number
  #hurry = false
  #wake: () => void = () => undefined

  constructor(peer: AlertmanagerPeer, standing: StandingAlerts, everyMs: number) {
    this.#peer = peer
    this.#standing = standing
    this.#everyMs = everyMs
  }

  /** Tells it now. */
  hurry(): void {
    this.#hurry = true
    this.#wake()
  }

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let backoff = new Backoff()
    while (!signal.aborted) {
      const { behind } = this.#peer
      if (behind === undefined) backoff = new Backoff()
      const wait = behind === undefined ? this.#everyMs : backoff.next(behind.passing)
      if (!this.#hurry) await this.#pause(Math.min(wait, this.#everyMs), signal)
      this.#hurry = false
      if (!signal.aborted) await this.#again(signal)
    }
  }

  async #again(signal: AbortSignal): Promise<void> {
    const isBehind = this.#peer.behind !== undefined
    if (!isBehind && this.#standing.open === 0) return
    let count = 0
    const which = () => {
      const alerts = isBehind ? this.#standing.all(Date.now()) : this.#standing.openOnes()
      count = alerts.length
      return alerts
    }
    try {
      await this.#peer.tellAll(which, signal)
      this.resent += count
    } catch {
      // It is behind now, and has said so.
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      signal.addEventListener('abort', this.#wake, { once: true })
    })
    signal.removeEventListener('abort', this.#wake)
  }
}
