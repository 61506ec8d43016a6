import type { Alert } from '../../../detect/alert.js'
import type { Labels } from './labels.js'
import { type KeptAlert, keptAlert } from './posted-alert.js'

/** How long one that is over is kept, for Alertmanagers that were away: so long Prometheus does. */
const KEEP_RESOLVED_MS = 900_000

interface Standing {
  readonly kept: KeptAlert
  /** Of one that is over: when that was taken in. */
  readonly resolvedAtMs?: number
}

/** What is open now, and what was over not long ago: by labels, as Alertmanager knows them. So many at most. */
export class StandingAlerts {
  readonly #most: number
  readonly #more: Labels
  readonly #byLabels = new Map<string, Standing>()
  /** Under what labels an open alert is known. */
  readonly #openIds = new Map<string, string>()
  /** Open alerts that there was no room for. */
  unkept = 0

  constructor(most: number, more: Labels) {
    this.#most = most
    this.#more = more
  }

  get open(): number {
    return this.#openIds.size
  }

  /**
   * Takes in what is told of an alert. Given the same twice, it is as given once.
   *
   * @returns what Alertmanager is to be posted: where its severity changed, the end of the one with the old labels as well
   */
  take(alert: Alert, nowMs: number): readonly KeptAlert[] {
    const kept = keptAlert(alert, this.#more)
    const labels = JSON.stringify(kept.labels)
    const before = this.#openIds.get(alert.alert_id)
    const ended = before === undefined || before === labels ? [] : this.#end(before, nowMs)
    this.#openIds.delete(alert.alert_id)
    this.#byLabels.delete(labels)
    if (alert.state === 'resolved') this.#keep(labels, { kept, resolvedAtMs: nowMs })
    else if (this.#keep(labels, { kept })) this.#openIds.set(alert.alert_id, labels)
    else this.unkept++
    return [...ended, kept]
  }

  /** What is open. */
  openOnes(): readonly KeptAlert[] {
    return [...this.#byLabels.values()].flatMap(({ kept, resolvedAtMs }) =>
      resolvedAtMs === undefined ? [kept] : [],
    )
  }

  /** What is open, and what was over not long ago. */
  all(nowMs: number): readonly KeptAlert[] {
    for (const [labels, { resolvedAtMs }] of this.#byLabels)
      if (resolvedAtMs !== undefined && nowMs - resolvedAtMs > KEEP_RESOLVED_MS) this.#byLabels.delete(labels)
    return [...this.#byLabels.values()].map(({ kept }) => kept)
  }

  #end(labels: string, nowMs: number): readonly KeptAlert[] {
    const standing = this.#byLabels.get(labels)
    if (standing === undefined || standing.resolvedAtMs !== undefined) return []
    const kept = { ...standing.kept, endMs: Math.max(standing.kept.sinceMs, nowMs) }
    this.#byLabels.set(labels, { kept, resolvedAtMs: nowMs })
    return [kept]
  }

  /** @returns whether there is room */
  #keep(labels: string, standing: Standing): boolean {
    if (this.#byLabels.size >= this.#most) this.#makeRoom()
    if (this.#byLabels.size >= this.#most) return false
    this.#byLabels.set(labels, standing)
    return true
  }

  /** What is over can go: whoever was away then lets it time out. */
  #makeRoom(): void {
    if (this.#byLabels.size <= this.#openIds.size) return
    for (const [labels, { resolvedAtMs }] of this.#byLabels) {
      if (resolvedAtMs === undefined) continue
      this.#byLabels.delete(labels)
      return
    }
  }
}
