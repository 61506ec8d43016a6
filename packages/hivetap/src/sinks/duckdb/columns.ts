import type { FieldType } from '../../probes/tool.js'
import { TOOLS } from '../../probes/tools.js'
import { recordFields } from '../record-fields.js'
import { SUMMARY_FIELDS, type SummaryFieldType } from '../summary-fields.js'

/** Types that columns have. Lists and whatever else has parts are told as text in JSON. */
export const COLUMN_TYPES = ['VARCHAR', 'BIGINT', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP_NS', 'VARCHAR[]'] as const
export type ColumnType = (typeof COLUMN_TYPES)[number]

/** Columns of a table, in their order. */
export type Columns = ReadonlyMap<string, ColumnType>

const TYPES: Readonly<Record<FieldType, ColumnType>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  strings: 'VARCHAR[]',
}

/** What every table of records begins with. */
const HEAD: readonly (readonly [string, ColumnType])[] = [
  ['time', 'TIMESTAMP_NS'],
  ['host', 'VARCHAR'],
  ['epoch', 'VARCHAR'],
  ['sequence', 'BIGINT'],
]

/** The table of summaries. */
export const SUMMARY = 'summary'
const SUMMARY_TYPES: Readonly<Record<SummaryFieldType, ColumnType>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP_NS',
  counts: 'VARCHAR',
  cells: 'VARCHAR',
  examples: 'VARCHAR',
}
const SUMMARY_COLUMNS: readonly (readonly [string, ColumnType])[] = [
  ...HEAD,
  ['tool', 'VARCHAR'],
  ['sample', 'BIGINT'],
  ['counted_by', 'VARCHAR'],
  ...SUMMARY_FIELDS.map(({ name, type }) => [name, SUMMARY_TYPES[type]] as const),
]

/** The table of accounts. */
export const LEDGER = 'ledger'
const ACCOUNT_COLUMNS: readonly (readonly [string, ColumnType])[] = [
  ...HEAD,
  ['event_id', 'VARCHAR'],
  ['tool', 'VARCHAR'],
  ['record', 'VARCHAR'],
  ['ended', 'BOOLEAN'],
  ...(
    ['produced', 'delivered', 'filtered', 'sampled_out', 'in_flight', 'truncated', 'missed_runs'] as const
  ).map((name) => [name, 'BIGINT'] as const),
  ['dropped', 'VARCHAR'],
  ['sink', 'VARCHAR'],
  ['reason', 'VARCHAR'],
  ['count', 'BIGINT'],
  ['first_sequence', 'BIGINT'],
  ['last_sequence', 'BIGINT'],
  ['state', 'VARCHAR'],
  ['of_epoch', 'VARCHAR'],
  ['sequences', 'BIGINT'],
  ['events', 'BIGINT'],
  ['summaries', 'BIGINT'],
  ['summarised', 'BIGINT'],
]

/** The tables that a store has from its first batch on, with the columns that this version knows. */
export function knownTables(): Map<string, Map<string, ColumnType>> {
  const tables = new Map(
    TOOLS.map((tool) => [
      tool.name,
      new Map<string, ColumnType>([
        ...HEAD,
        ['sample', 'BIGINT'],
        ...(tool.connects === undefined ? [] : [['counted_by', 'VARCHAR'] as const]),
        ...recordFields(tool).map(({ name: field, type }) => [field, TYPES[type]] as const),
      ]),
    ]),
  )
  return tables.set(LEDGER, new Map(ACCOUNT_COLUMNS)).set(SUMMARY, new Map(SUMMARY_COLUMNS))
}

/** Columns at most: a table of events with more is not of ours. */
export const MOST_COLUMNS = 256

/** Whether it may name a column or a table: then it needs no quotes that could be broken out of. */
export function isName(text: string): boolean {
  return /^[a-z][a-z0-9_]{0,62}$/.test(text)
}

/** The type of a column for a value that no column is there for. */
export function typeOf(value: unknown): ColumnType {
  if (typeof value === 'boolean') return 'BOOLEAN'
  if (typeof value === 'number') return Number.isInteger(value) ? 'BIGINT' : 'DOUBLE'
  return Array.isArray(value) && value.every((part) => typeof part === 'string') ? 'VARCHAR[]' : 'VARCHAR'
}
