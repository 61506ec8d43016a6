import { z } from 'zod'
import { byteSizeSetting } from '../../settings/byte-size-setting.js'
import { durationSetting } from '../../settings/duration-setting.js'
import { DEFAULT_STORE } from './default-store.js'

/** What a destination of the kind `duckdb` is configured with. */
export const duckdbConfig = z.strictObject({
  type: z.literal('duckdb').describe('A store on this host that can be asked: hivetap query, hivetap report'),
  name: z.string().min(1).max(64).default('duckdb').describe('What it is called among the sinks'),
  path: z
    .string()
    .min(1)
    .max(4096)
    .startsWith('/', { error: 'is a whole path, from / on' })
    .refine((path) => !path.includes('\0'), { error: 'holds a NUL' })
    .default(DEFAULT_STORE)
    .meta({ value: 'FILE' })
    .describe('The file of the store'),
  memory_limit: byteSizeSetting('128MiB', '64GiB')
    .prefault('256MiB')
    .meta({ value: 'SIZE' })
    .describe('Memory that DuckDB may take; with 64MiB it has too little for its checkpoints under load'),
  max_age: durationSetting('1m', '3650d')
    .prefault('7d')
    .meta({ value: 'TIME' })
    .describe('Records that are older are removed, and counted'),
  max_bytes: byteSizeSetting('8MiB', '64TiB')
    .prefault('1GiB')
    .meta({ value: 'SIZE' })
    .describe('Bytes of records at which the oldest tenth is removed, and counted'),
})

export type DuckdbConfig = z.infer<typeof duckdbConfig>
