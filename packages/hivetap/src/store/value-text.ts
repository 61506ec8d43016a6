import type { DuckDBValue } from '@duckdb/node-api'

/** What a value is as JSON: numbers where they are exact, else text. Times as events have them. */
export function jsonOf(value: DuckDBValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  if ('items' in value && Array.isArray(value.items)) return (value.items as DuckDBValue[]).map(jsonOf)
  if ('entries' in value && !Array.isArray(value.entries))
    return Object.fromEntries(
      Object.entries(value.entries as Record<string, DuckDBValue>).map(([key, part]) => [key, jsonOf(part)]),
    )
  return timeText(value.toString())
}

/** The same for people, and for CSV: nothing where there is nothing. */
export function textOf(value: DuckDBValue): string {
  const json = jsonOf(value)
  if (json === null) return ''
  return typeof json === 'object' ? JSON.stringify(json) : String(json)
}

/** `2026-11-28 05:00:00.1` → `2026-11-28T05:00:00.1Z`: the store holds UTC. */
function timeText(text: string): string {
  return /^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text) ? `${text.replace(' ', 'T')}Z` : text
}
