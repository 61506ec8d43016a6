import type { DestinationKind } from '../../delivery/destination.js'
import { stdoutConfig } from './config.js'

/** JSON lines, or tables, on standard output, for whoever starts the agent in a pipe or reads a container's log. */
export const stdoutKind: DestinationKind<typeof stdoutConfig> = {
  type: 'stdout',
  config: stdoutConfig,
  async create(config) {
    const { LinesDestination } = await import('./lines-destination.js')
    if (config.format === 'json') return new LinesDestination(config.name, 1)
    const { RecordTable } = await import('./record-table.js')
    const table = new RecordTable(config)
    return new LinesDestination(config.name, 1, (records) => table.linesOf(records))
  },
}
