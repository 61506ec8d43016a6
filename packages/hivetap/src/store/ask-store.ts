import { access, stat } from 'node:fs/promises'
import { DeliveryError } from '../delivery/destination.js'
import { loadDuckdb } from '../sinks/duckdb/load-duckdb.js'
import { type OpenStore, openStore, StoreBusyError } from '../sinks/duckdb/open-store.js'

/** A store that cannot be asked, or a question that it cannot answer. */
export class StoreError extends Error {}

/** How long a writer is waited for: the agent lets go of the store each second. */
const PATIENCE_MS = 10_000

/** What a query may not do: write, reach files or the network, load code, or take these back. */
const SETTINGS = {
  access_mode: 'READ_ONLY',
  memory_limit: '512MiB',
  temp_directory: '',
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  lock_configuration: 'true',
}

/**
 * Opens a store to read it, does `work` with it, and lets go of it. While it is open the agent cannot write to it: its
 * batches wait in the spool.
 *
 * @param signal interrupts what is being asked
 * @throws {StoreError} that says what is wrong with the store or the question
 */
export async function askStore<T>(
  path: string,
  signal: AbortSignal,
  work: (store: OpenStore) => Promise<T>,
): Promise<T> {
  await readable(path)
  let store: OpenStore | undefined
  const interrupt = () => store?.connection.interrupt()
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    store = await openStore(await loadDuckdb(), path, SETTINGS, PATIENCE_MS, signal)
    return await work(store)
  } catch (error) {
    throw told(error, path, signal)
  } finally {
    signal.removeEventListener('abort', interrupt)
    store?.close()
  }
}

async function readable(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isFile()) throw new StoreError(`${path} is no store: it is no file`)
    await access(path)
  } catch (error) {
    if (error instanceof StoreError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw new StoreError(
        `There is no store at ${path}. An agent with a sink of the type duckdb makes one; --store says where it is`,
        { cause: error },
      )
    throw new StoreError(`Cannot read ${path}: ${code}`, { cause: error })
  }
}

function told(error: unknown, path: string, signal: AbortSignal): Error {
  if (signal.aborted) return new StoreError('Interrupted', { cause: error })
  if (error instanceof StoreError) return error
  if (!(error instanceof Error)) return new StoreError(String(error))
  if (error instanceof StoreBusyError || error instanceof DeliveryError)
    return new StoreError(error.message, { cause: error })
  if (/not a valid DuckDB database/.test(error.message))
    return new StoreError(`${path} is no store: DuckDB did not write it`, { cause: error })
  return new StoreError(error.message, { cause: error })
}
