import { randomUUID } from 'node:crypto'
import { AlertsRefused } from '../../delivery/alerts/alerts-refused.js'
import type { Destination } from '../../delivery/destination.js'
import type { Alert, AlertSink } from '../../detect/alert.js'
import type { SpoolBatch } from '../../spool/spool.js'

interface AlertBatch {
  readonly alerts: readonly Alert[]
  readonly batch: SpoolBatch
  /** Whose each record is. */
  readonly owners: readonly Alert[]
}

/** Tells alerts to a destination that was built for events: what it knows of connections, retries and halves serves both. */
export class DestinationAlertSink implements AlertSink {
  readonly name: string
  readonly #destination: Destination
  readonly #linesOf: (alert: Alert) => readonly string[]
  readonly #epoch = randomUUID()
  #sequence = 0
  /** What was given last: tried again it is the same batch, of which the destination may know a part to be out. */
  #last: AlertBatch | undefined

  /** @param linesOf a record each: a destination of lines counts lines */
  constructor(destination: Destination, linesOf: (alert: Alert) => readonly string[]) {
    this.name = destination.name
    this.#destination = destination
    this.#linesOf = linesOf
  }

  async tell(alerts: readonly Alert[], signal: AbortSignal): Promise<void> {
    if (alerts.length === 0) return
    const batch = this.#batchOf(alerts)
    const rejections = await this.#destination.deliver(batch.batch, signal)
    this.#last = undefined
    const refused = [...new Set(rejections.flatMap(({ index }) => batch.owners[index] ?? []))]
    if (refused.length > 0) throw new AlertsRefused(this.name, refused, rejections[0]?.reason ?? 'refused')
  }

  close(): Promise<void> {
    return this.#destination.close()
  }

  #batchOf(alerts: readonly Alert[]): AlertBatch {
    const last = this.#last
    const isSame =
      last?.alerts.length === alerts.length && last.alerts.every((alert, index) => alert === alerts[index])
    if (isSame && last !== undefined) return last
    const lines = alerts.flatMap((alert) => this.#linesOf(alert).map((line) => ({ alert, line })))
    const records = lines.map(({ alert, line }) => ({
      kind: 'ledger' as const,
      tool: '',
      timeMs: Date.parse(alert.time),
      value: Buffer.from(line),
    }))
    const batch = { epoch: this.#epoch, firstSequence: this.#sequence, records }
    this.#sequence += records.length
    this.#last = { alerts: [...alerts], owners: lines.map(({ alert }) => alert), batch }
    return this.#last
  }
}
