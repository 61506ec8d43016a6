import { DeliveryError } from '../../delivery/destination.js'

/** DuckDB's package, as it is loaded. */
export type Duckdb = typeof import('@duckdb/node-api')

/**
 * Loads DuckDB: 90 MB that only a store takes.
 *
 * @throws {DeliveryError} where it is not installed: it is an optional dependency
 */
export async function loadDuckdb(): Promise<Duckdb> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    throw new DeliveryError(
      'duckdb_missing',
      'The store needs DuckDB, which is not installed here: npm install @duckdb/node-api (glibc or musl, x64 or arm64)',
      { passing: false, cause },
    )
  }
}
