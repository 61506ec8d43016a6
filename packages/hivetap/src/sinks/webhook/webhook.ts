import type { DestinationKind } from '../../delivery/destination.js'
import { webhookConfig } from './config.js'

/** Batches by POST to a server that takes JSON: a gateway, a function, a log store. */
export const webhookKind: DestinationKind<typeof webhookConfig> = {
  type: 'webhook',
  config: webhookConfig,
  async create(config, context) {
    const { WebhookDestination } = await import('./webhook-destination.js')
    return new WebhookDestination(config, context)
  },
}
