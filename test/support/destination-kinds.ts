import { z } from 'zod'
import type { AnyDestinationKind } from '../../packages/hivetap/src/agent/destination-kinds.js'

const name = z.string().describe('Its name')
const create = () => Promise.reject(new Error('this kind makes none'))

/** Kinds of destinations of every shape that a configuration can have. They make none. */
export const SAMPLE_KINDS: readonly AnyDestinationKind[] = [
  {
    type: 'queue',
    config: z.strictObject({
      type: z.literal('queue'),
      name,
      brokers: z.array(z.string()).min(1).describe('Where it is'),
      topic: z.string().describe('What it is called there'),
      compression: z.enum(['none', 'lz4']).default('lz4').describe('How it is packed'),
      linger: z.int().min(0).max(10).default(3).describe('How long'),
      tls: z
        .strictObject({
          enabled: z.boolean().default(false).describe('Whether'),
          ca_file: z.string().optional().describe('By whom'),
        })
        .prefault({})
        .describe('How it is kept secret'),
      headers: z.record(z.string(), z.string()).optional().describe('What else'),
    }),
    create,
  },
  { type: 'out', config: z.strictObject({ type: z.literal('out'), name }), create },
]
