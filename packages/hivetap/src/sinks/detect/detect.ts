import type { DestinationKind } from '../../delivery/destination.js'
import { detectConfig } from './config.js'

/** Detection inside the agent. */
export const detectKind: DestinationKind<typeof detectConfig> = {
  type: 'detect',
  config: detectConfig,
  async create({ name, alerts, state_file: stateFile, ...detection }, context) {
    const { openRelay } = await import('../alerts/open-relay.js')
    const { Watch } = await import('./watch.js')
    const { DetectDestination } = await import('./detect-destination.js')
    const relay = await openRelay(alerts, context)
    return new DetectDestination(name, new Watch({ detection, relay, stateFile }), relay, context)
  },
}
