import { Option } from 'commander'
import { DEFAULT_STORE } from '../sinks/duckdb/default-store.js'

/** Where the store is. */
export function storeOption(): Option {
  return new Option('--store <FILE>', 'the store, as the agent has it in path').default(DEFAULT_STORE)
}
