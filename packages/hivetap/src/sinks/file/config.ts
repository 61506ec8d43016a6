import { z } from 'zod'
import { byteSizeSetting } from '../../settings/byte-size-setting.js'
import { durationSetting } from '../../settings/duration-setting.js'

/** How files that are full are packed. */
export const COMPRESSIONS = ['gzip', 'zstd', 'none'] as const
export type Compression = (typeof COMPRESSIONS)[number]

/** What a destination of the kind `file` is configured with. */
export const fileConfig = z.strictObject({
  type: z.literal('file').describe('JSON lines in a file that is rotated'),
  name: z.string().min(1).max(64).default('file').describe('What it is called among the sinks'),
  path: z
    .string()
    .min(1)
    .max(4096)
    .startsWith('/', { error: 'is a whole path, from / on' })
    .refine((path) => !path.includes('\0') && !path.endsWith('/'), { error: 'is not the path of a file' })
    .meta({ value: 'FILE' })
    .describe('The file that lines are added to'),
  max_bytes: byteSizeSetting('4KiB', '1TiB')
    .prefault('100MiB')
    .meta({ value: 'SIZE' })
    .describe('Size at which it is put aside and a new one is begun'),
  rotate_every: durationSetting('1s', '365d')
    .optional()
    .meta({ value: 'TIME' })
    .describe('Age at which it is put aside too, with the first batch after it'),
  compression: z.enum(COMPRESSIONS).default('gzip').describe('How files that were put aside are packed'),
  keep_files: z
    .int()
    .min(0)
    .max(100_000)
    .default(10)
    .meta({ value: 'N' })
    .describe('Files put aside that are kept at most; the oldest are removed'),
  keep_bytes: byteSizeSetting('4KiB', '1024TiB')
    .optional()
    .meta({ value: 'SIZE' })
    .describe('Bytes of files put aside that are kept at most'),
  fsync: z
    .boolean()
    .default(false)
    .describe(
      'Whether a batch is delivered only when the disk itself has it: a power cut then costs nothing',
    ),
})

export type FileConfig = z.infer<typeof fileConfig>
