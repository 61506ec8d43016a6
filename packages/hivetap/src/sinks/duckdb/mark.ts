import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema } from './schema.js'

/** Epochs whose end is remembered. */
const MOST_EPOCHS = 1000

/** Writes down how far an epoch is in the store, in the transaction that brings it so far. */
export async function mark(
  connection: DuckDBConnection,
  schema: Schema,
  epoch: string,
  next: number,
): Promise<void> {
  const how = schema.next.has(epoch)
    ? `UPDATE delivered SET next_sequence = $2, at_time = now() AT TIME ZONE 'UTC' WHERE epoch = $1`
    : `INSERT INTO delivered VALUES ($1, $2, now() AT TIME ZONE 'UTC')`
  await connection.run(how, [epoch, BigInt(next)])
  schema.next.set(epoch, next)
  if (schema.next.size <= MOST_EPOCHS) return
  const oldest = schema.next.keys().next().value
  if (oldest === undefined) return
  await connection.run('DELETE FROM delivered WHERE epoch = $1', [oldest])
  schema.next.delete(oldest)
}
