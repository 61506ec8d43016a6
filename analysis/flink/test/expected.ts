import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import type { FleetRecord } from './fleet.js'
import type { AlertRow, GapRow, WindowRow } from './rows.js'

const QUERIES = fileURLToPath(new URL('../../duckdb/', import.meta.url))

/** Files of views, in the order in which they build on each other. */
const VIEWS = ['records', 'summaries', 'connects', 'gaps', 'completeness', 'windows', 'slow_destinations']

/** What the same questions give on the same records when DuckDB is asked, which has all of them before it at once. */
export interface Expected {
  readonly windows: readonly WindowRow[]
  readonly gaps: readonly GapRow[]
  readonly slow: readonly AlertRow[]
}

/** @param file records as `recordLine` writes them */
export async function expectedOf(file: string): Promise<Expected> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '512MB', threads: '2' })
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    await connection.run(`SET VARIABLE records = '${file.replaceAll("'", "''")}'`)
    for (const name of VIEWS) await connection.run(readFileSync(`${QUERIES}${name}.sql`, 'utf8'))
    const rows = async (view: string) =>
      (await connection.runAndReadAll(`SELECT * FROM ${view}`)).getRowObjectsJson() as unknown[]
    return {
      windows: (await rows('windows')) as WindowRow[],
      gaps: (await rows('gaps')) as GapRow[],
      slow: (await rows('slow_destinations')) as AlertRow[],
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** A record as a line for `expectedOf`: what cannot be read as JSON is left out. */
export function recordLine({ timestamp, value }: FleetRecord): string {
  try {
    const fields: unknown = JSON.parse(value)
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return ''
    return `${JSON.stringify({ record_time_ms: timestamp, ...fields })}\n`
  } catch {
    return ''
  }
}
