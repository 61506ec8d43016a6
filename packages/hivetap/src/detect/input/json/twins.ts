import type { ReaderCounts } from '../reader-options.js'
import type { EventFields } from './event-fields.js'

/** Hosts that are remembered at most. */
const MOST_HOSTS = 10_000

/**
 * Notes hosts of which tcpconnect and tcpconnlat both tell connects, and no event says which one counts: of runs of their own, or of
 * hivetaps before they said so. That can be told, and not be mended. Where no tcpconnect is read, it costs nothing.
 */
export class Twins {
  readonly #counts: Pick<ReaderCounts, 'untoldTwins'>
  /** Hosts with tcpconnect, and what else is known of each. */
  readonly #hosts = new Map<string, 'alone' | 'both' | 'told'>()

  constructor(counts: Pick<ReaderCounts, 'untoldTwins'>) {
    this.#counts = counts
  }

  /** Looks at a connect, whichever tool tells it. */
  look({ tool, host, outcome, isTwin }: EventFields): void {
    if (tool === 'tcpconnect') {
      // Of failed ones tcpconnlat may have none.
      if (outcome === 'connected' && !this.#hosts.has(host) && this.#hosts.size < MOST_HOSTS)
        this.#hosts.set(host, 'alone')
      if (isTwin) this.#told(host)
    } else if (this.#hosts.size > 0 && tool !== undefined) this.#beside(host, isTwin)
  }

  #beside(host: string, isTwin: boolean): void {
    if (isTwin) this.#told(host)
    else if (this.#hosts.get(host) === 'alone') {
      this.#hosts.set(host, 'both')
      this.#counts.untoldTwins++
    }
  }

  #told(host: string): void {
    const known = this.#hosts.get(host)
    if (known === 'told' || (known === undefined && this.#hosts.size >= MOST_HOSTS)) return
    if (known === 'both') this.#counts.untoldTwins--
    this.#hosts.set(host, 'told')
  }
}
