import type { AlertSinkKind } from '../../../delivery/alerts/alert-sink-kind.js'
import { webhookAlertsConfig } from './config.js'

/** Alerts by POST, each made by a template: chat, a ticket system, a function. */
export const webhookAlertsKind: AlertSinkKind<typeof webhookAlertsConfig> = {
  type: 'webhook',
  config: webhookAlertsConfig,
  async create(config, context) {
    const { openWebhookAlerts } = await import('./open-webhook-alerts.js')
    return openWebhookAlerts(config, context)
  },
}
