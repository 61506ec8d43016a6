import type { Alert } from '../../detect/alert.js'
import { DeliveryError } from '../destination.js'

/** Alerts that a far end will never take. The others that it was given with them it has. */
export class AlertsRefused extends DeliveryError {
  readonly refused: readonly Alert[]

  /** @param why `too_large`, `refused`, or what the far end said */
  constructor(sink: string, refused: readonly Alert[], why: string, cause?: unknown) {
    const [first] = refused
    const which = first === undefined ? '' : `, the first of them ${first.alert_id} (${first.state})`
    super('refused', `${sink} does not take ${refused.length} alerts${which}: ${why}`, {
      passing: false,
      cause,
    })
    this.refused = refused
  }
}
