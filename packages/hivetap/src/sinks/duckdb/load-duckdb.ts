import { createRequire } from 'node:module'
import { DeliveryError } from '../../delivery/destination.js'

/** DuckDB, as it is loaded. */
export interface Duckdb {
  readonly api: typeof import('@duckdb/node-api')
  /** What its API is made of: whole columns can be copied into a vector only here. */
  readonly bindings: typeof import('@duckdb/node-bindings')
}

/**
 * Loads DuckDB: 90 MB that only a store takes.
 *
 * @throws {DeliveryError} where it is not installed: it is an optional dependency
 */
export async function loadDuckdb(): Promise<Duckdb> {
  try {
    const api = await import('@duckdb/node-api')
    return { api, bindings: bindingsOf('@duckdb/node-api') }
  } catch (cause) {
    throw new DeliveryError(
      'duckdb_missing',
      'The store needs DuckDB, which is not installed here: npm install @duckdb/node-api (glibc or musl, x64 or arm64)',
      { passing: false, cause },
    )
  }
}

/** Those that the package itself has loaded: what one copy of them made, another does not take. */
function bindingsOf(name: string): Duckdb['bindings'] {
  const ours = createRequire(import.meta.url)
  return createRequire(ours.resolve(name))('@duckdb/node-bindings')
}
