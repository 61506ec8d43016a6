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
 * @throws {StoreBusyError} after `patienceMs`
 */
export async function openStore(
  duckdb: Duckdb,
  path: string,
  settings: Readonly<Record<string, string>>,
  patienceMs: number,
  signal: AbortSignal,
): Promise<OpenStore> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      return await connected(await duckdb.DuckDBInstance.create(path, { ...settings }))
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

function isLocked(error: unknown): boolean {
  return /Could not set lock on file|Conflicting lock is held/.test((error as Error).message)
}
