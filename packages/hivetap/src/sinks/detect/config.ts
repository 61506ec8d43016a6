import { z } from 'zod'
import { detectionShape } from '../../detect/rules/schema.js'
import { ALERT_SINK_KINDS } from '../alerts/alert-sink-kinds.js'
import { alertSinksSetting } from '../alerts/alert-sinks-setting.js'

/** What `hivetap detect --rules` reads: what is to be found, where it is told, and where it is remembered. */
const shape = {
  ...detectionShape,
  alerts: alertSinksSetting(ALERT_SINK_KINDS).describe('Where alerts go; without: standard output'),
  state_file: z
    .string()
    .min(1)
    .max(4096)
    .refine((path) => !path.includes('\0'), { error: 'holds a NUL' })
    .optional()
    .meta({ value: 'FILE' })
    .describe(
      'File in which it remembers what is usual and which alerts are open; without, it begins anew each time',
    ),
}
export const detectFileSchema = z.strictObject(shape)
export type DetectFile = z.output<typeof detectFileSchema>

/** The same, where flags may say where alerts go. */
export const detectFileOrFlagsSchema = detectFileSchema.extend({
  alerts: shape.alerts.unwrap().optional(),
})

/** What a destination of the kind `detect` is configured with. */
export const detectConfig = z.strictObject({
  type: z
    .literal('detect')
    .describe('Connects that take too long, fail or hang are found, and told as alerts'),
  name: z.string().min(1).max(64).default('detect').describe('What it is called among the sinks'),
  ...shape,
})
