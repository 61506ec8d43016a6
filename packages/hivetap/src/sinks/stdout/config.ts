import { z } from 'zod'

/** What a destination of the kind `stdout` is configured with. */
export const stdoutConfig = z.strictObject({
  type: z.literal('stdout').describe('JSON lines on standard output'),
  name: z.string().min(1).max(64).default('stdout').describe('What it is called among the sinks'),
})

export type StdoutConfig = z.infer<typeof stdoutConfig>
