import type { AlertSinkContext, ResumableAlertSink } from '../../../delivery/alerts/alert-sink-kind.js'
import { AlertsRefused } from '../../../delivery/alerts/alerts-refused.js'
import { DeliveryError } from '../../../delivery/destination.js'
import type { Alert } from '../../../detect/alert.js'
import { AlertmanagerPeer } from './alertmanager-peer.js'
import type { AlertmanagerConfig } from './config.js'
import { PeerLoop } from './peer-loop.js'
import { StandingAlerts } from './standing-alerts.js'

/** What it counts besides what whoever calls it counts. */
export interface AlertmanagerCounters {
  /** Open alerts now, that are told again. */
  readonly open: number
  /** Open alerts that there was no room for: told once. */
  readonly unkept: number
  /** Alerts that were told again, to all Alertmanagers together. */
  readonly resent: number
  /** Requests that failed, by kind. */
  readonly failures: ReadonlyMap<string, number>
}

/**
 * Alerts to Alertmanagers. They have them once one of them has, as with Prometheus: those that are away are told when they
 * are back, what is open and what was over meanwhile.
 */
export class AlertmanagerSink implements ResumableAlertSink {
  readonly name: string
  readonly #peers: readonly AlertmanagerPeer[]
  readonly #loops: readonly PeerLoop[]
  readonly #standing: StandingAlerts
  readonly #stop = new AbortController()
  readonly #running: Promise<unknown>
  readonly #context: AlertSinkContext
  #saidUnkept = false

  constructor(config: AlertmanagerConfig, context: AlertSinkContext) {
    this.name = config.name
    this.#context = context
    this.#standing = new StandingAlerts(config.max_open, config.labels)
    this.#peers = config.urls.map(
      (url) => new AlertmanagerPeer(url, config, (message) => context.note(message)),
    )
    this.#loops = this.#peers.map((peer) => new PeerLoop(peer, this.#standing, config.resend))
    this.#running = Promise.all(this.#loops.map((loop) => loop.run(this.#stop.signal)))
  }

  get counters(): AlertmanagerCounters {
    const failures = new Map<string, number>()
    for (const peer of this.#peers)
      for (const [kind, count] of peer.failures) failures.set(kind, (failures.get(kind) ?? 0) + count)
    const resent = this.#loops.reduce((sum, loop) => sum + loop.resent, 0)
    return { open: this.#standing.open, unkept: this.#standing.unkept, resent, failures }
  }

  resume(open: readonly Alert[]): void {
    const now = Date.now()
    for (const alert of open) if (alert.state !== 'resolved') this.#standing.take(alert, now)
    this.#sayUnkept()
    for (const loop of this.#loops) loop.hurry()
  }

  async tell(alerts: readonly Alert[], signal: AbortSignal): Promise<void> {
    if (alerts.length === 0) return
    const now = Date.now()
    const fresh = alerts.flatMap((alert) => this.#standing.take(alert, now))
    this.#sayUnkept()
    const until = AbortSignal.any([signal, this.#stop.signal])
    const behind = this.#peers.filter((peer) => peer.behind !== undefined)
    const errors: unknown[] = []
    /** Whether one of them has them now. */
    const some = async (
      peers: readonly AlertmanagerPeer[],
      tell: (peer: AlertmanagerPeer) => Promise<void>,
    ) => {
      const results = await Promise.allSettled(peers.map(tell))
      errors.push(...results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])))
      return results.some(({ status }) => status === 'fulfilled')
    }
    // One that is away is not waited for, as long as another is there.
    if (
      await some(
        this.#peers.filter((peer) => !behind.includes(peer)),
        (peer) => peer.tell(fresh, until),
      )
    )
      return
    const all = () => {
      const standing = this.#standing.all(Date.now())
      return [...fresh.filter((kept) => !standing.includes(kept)), ...standing]
    }
    if (await some(behind, (peer) => peer.tellAll(all, until))) return
    throw this.#failure(errors, alerts)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
    for (const peer of this.#peers) peer.close()
    this.#sayCounters()
  }

  #sayUnkept(): void {
    if (this.#saidUnkept || this.#standing.unkept === 0) return
    this.#saidUnkept = true
    this.#context.note(
      `${this.name}: more alerts are open than max_open; those beyond are told once, and Alertmanager will take them for over`,
    )
  }

  /** What nobody else knows of it, if it told anything. */
  #sayCounters(): void {
    const { open, unkept, resent, failures } = this.counters
    if (open + unkept + resent + failures.size === 0) return
    const failed = [...failures].map(([kind, count]) => `${kind} ${count}`).join(', ')
    this.#context.note(`${this.name}: what it told again`, {
      open,
      resent,
      unkept,
      ...(failed !== '' && { failed }),
    })
  }

  /** Only what all of them refuse is refused; if one may take them later, they are tried again. */
  #failure(errors: readonly unknown[], alerts: readonly Alert[]): unknown {
    const isRefused = (error: unknown) => error instanceof DeliveryError && error.kind === 'refused'
    const other = errors.find((error) => !isRefused(error))
    if (other !== undefined) return other
    const [first] = errors
    return new AlertsRefused(this.name, alerts, first instanceof Error ? first.message : 'refused', first)
  }
}
