import { setTimeout as sleep } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Duckdb } from './load-duckdb.js'

/** How often a file that another process has is asked for. */
const ASK_MS = 15

/** A store that is open. */
export interface OpenStore {
  readonly connection: DuckDBConnection
  close(): void
}

/** The store stayed in another process's hands. */
export class StoreBusyError extends Error {}

/**
 * Opens a store, waiting as long as another process has it: DuckDB gives a file to one that writes, or to several that read.
 *
 * @param settings as DuckDB has them
 * @param rowGroup rows of a table that are written together, where it is opened to be written
 * @throws {StoreBusyError} after `patienceMs`
 */
export async function openStore(
  { api }: Duckdb,
  path: string,
  settings: Readonly<Record<string, string>>,
  patienceMs: number,
  signal: AbortSignal,
  rowGroup?: number,
): Promise<OpenStore> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      if (rowGroup === undefined)
        return await connected(await api.DuckDBInstance.create(path, { ...settings }))
      return await attached(await api.DuckDBInstance.create(':memory:', { ...settings }), path, rowGroup)
    } catch (error) {
      if (!isLocked(error)) throw error
      if (performance.now() > deadline)
        throw new StoreBusyError(
          `Another process has ${path}, and did not let go of it for ${patienceMs} ms`,
          {
            cause: error,
          },
        )
    }
    await sleep(ASK_MS, undefined, { signal })
  }
}

async function connected(instance: DuckDBInstance): Promise<OpenStore> {
  try {
    const connection = await instance.connect()
    return {
      connection,
      close() {
        connection.closeSync()
        instance.closeSync()
      },
    }
  } catch (error) {
    instance.closeSync()
    throw error
  }
}

/**
 * How columns are laid out: as DuckDB from 1.3 on reads them. It finds how to pack texts in half the time that it takes for the
 * layout of 1.0, its default. A store in an older one is brought to this at its next checkpoint.
 */
const LAYOUT = 'v1.3.0'

/** Only a store that is attached can be told how large its row groups are. */
async function attached(instance: DuckDBInstance, path: string, rowGroup: number): Promise<OpenStore> {
  const store = await connected(instance)
  try {
    const file = path.replaceAll("'", "''")
    const options = `TYPE duckdb, ROW_GROUP_SIZE ${rowGroup}, STORAGE_VERSION '${LAYOUT}'`
    await store.connection.run(`ATTACH '${file}' AS hivetap_store (${options})`)
    await store.connection.run('USE hivetap_store')
    return store
  } catch (error) {
    store.close()
    throw error
  }
}

function isLocked(error: unknown): boolean {
  return /Could not set lock on file|Conflicting lock is held/.test((error as Error).message)
}
