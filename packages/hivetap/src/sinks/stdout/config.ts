import { z } from 'zod'

/** What a destination of the kind `stdout` is configured with. */
export const stdoutConfig = z.strictObject({
  type: z.literal('stdout').describe('JSON lines, or tables, on standard output'),
  name: z.string().min(1).max(64).default('stdout').describe('What it is called among the sinks'),
  format: z.enum(['json', 'table']).default('json').describe('JSON lines, or each tool’s table'),
  wide: z.boolean().default(false).describe('Tables with all that --wide shows, and with pods'),
  columns: z
    .array(z.string().min(1).max(64))
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Columns of tables, instead of those that the tool has: its own, and node, namespace, pod, container',
    ),
})

export type StdoutConfig = z.infer<typeof stdoutConfig>
