import { DeliveryError } from '../../delivery/destination.js'
import { StoreBusyError } from './open-store.js'

/** What a store failed with, as the error of a delivery: what happened, to which file, and what helps. */
export function failureOf(error: unknown, path: string): DeliveryError {
  if (error instanceof DeliveryError) return error
  const { message } = error as Error
  const told = (kind: string, passing: boolean, what: string) =>
    new DeliveryError(kind, what, { passing, cause: error })
  if (error instanceof StoreBusyError)
    return told('store_busy', true, `${message}: a query is running, or another agent writes to it`)
  if (/No space left|ENOSPC/i.test(message))
    return told('disk_full', true, `Cannot write to ${path}: ${message}`)
  if (/Out of Memory|could not allocate block/i.test(message))
    return told('out_of_memory', false, `${path}: ${message}. Raise memory_limit, or make batches smaller`)
  if (/not a valid DuckDB database|Corrupt|Serialization/i.test(message))
    return told('store_damaged', false, `${path}: ${message}. Move the file away: a new one is begun`)
  return told('store_failed', false, `Cannot write to ${path}: ${message}`)
}
