import type { AlertSinkKind } from '../../../delivery/alerts/alert-sink-kind.js'
import { alertmanagerConfig } from './config.js'

/** Alerts to one Alertmanager, or to each of several. */
export const alertmanagerKind: AlertSinkKind<typeof alertmanagerConfig> = {
  type: 'alertmanager',
  config: alertmanagerConfig,
  async create(config, context) {
    const { AlertmanagerSink } = await import('./alertmanager-sink.js')
    return new AlertmanagerSink(config, context)
  },
}
