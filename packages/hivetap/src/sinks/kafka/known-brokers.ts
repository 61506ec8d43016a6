import type { BrokerAddress } from './config.js'

/** As many as are remembered: a cluster's answer names its brokers, however many. */
const MAX_BROKERS = 1000

/** An address in one piece. */
export function addressText({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Brokers that can be asked about the cluster: those of the configuration, and those that an answer named. Whoever failed
 * comes last: one that takes connections and never answers does not stand in front of those that would.
 */
export class KnownBrokers {
  readonly #configured: readonly BrokerAddress[]
  #named: readonly BrokerAddress[] = []
  readonly #failed = new Map<string, number>()
  #failures = 0

  constructor(configured: readonly BrokerAddress[]) {
    this.#configured = configured
  }

  /** In the order in which they are to be asked; each once. */
  get candidates(): BrokerAddress[] {
    const all = new Map([...this.#configured, ...this.#named].map((broker) => [addressText(broker), broker]))
    return [...all.entries()]
      .sort(([a], [b]) => (this.#failed.get(a) ?? 0) - (this.#failed.get(b) ?? 0))
      .map(([, broker]) => broker)
  }

  /** What an answer named, in place of what one named before. */
  learn(named: readonly BrokerAddress[]): void {
    this.#named = named.slice(0, MAX_BROKERS)
    const kept = new Set(this.candidates.map(addressText))
    for (const address of this.#failed.keys()) if (!kept.has(address)) this.#failed.delete(address)
  }

  failed(broker: BrokerAddress): void {
    this.#failed.set(addressText(broker), ++this.#failures)
  }

  answered(broker: BrokerAddress): void {
    this.#failed.delete(addressText(broker))
  }
}
