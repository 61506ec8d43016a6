import type { DestinationKind } from '../../delivery/destination.js'
import { stdoutConfig } from './config.js'

/** JSON lines on standard output, for whoever starts the agent in a pipe or reads a container's log. */
export const stdoutKind: DestinationKind<typeof stdoutConfig> = {
  type: 'stdout',
  config: stdoutConfig,
  async create(config) {
    const { LinesDestination } = await import('./lines-destination.js')
    return new LinesDestination(config.name, 1)
  },
}
