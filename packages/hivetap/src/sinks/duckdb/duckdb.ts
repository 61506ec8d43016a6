import type { DestinationKind } from '../../delivery/destination.js'
import { duckdbConfig } from './config.js'

/** A store on this host, for `hivetap query` and `hivetap report`. */
export const duckdbKind: DestinationKind<typeof duckdbConfig> = {
  type: 'duckdb',
  config: duckdbConfig,
  async create(config, context) {
    const { loadDuckdb } = await import('./load-duckdb.js')
    const { DuckdbDestination } = await import('./duckdb-destination.js')
    return new DuckdbDestination(config, context, await loadDuckdb())
  },
}
