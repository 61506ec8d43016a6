import { z } from 'zod'
import { CAUSES } from '../../probes/connects/cause.js'
import { type Alert, RULE_KINDS, SEVERITIES } from '../alert.js'
import { DIMENSIONS } from '../dimension.js'
import { OUTCOMES } from '../observation.js'

const MOST_TEXT = 4096
const text = z.string().max(MOST_TEXT)
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
const number = z.number().min(0)

const example = z.strictObject({
  time,
  event_id: text.exactOptional(),
  host: text.exactOptional(),
  pid: z.int().min(0).exactOptional(),
  comm: text.exactOptional(),
  destination: text,
  latency_us: number.exactOptional(),
  outcome: z.enum(OUTCOMES),
  cause: z.enum(CAUSES),
})

/** An alert that was told, as a state remembers it: it is told of again, so it must be one. */
export const savedAlert: z.ZodType<Alert> = z.strictObject({
  version: z.literal(1),
  record: z.literal('alert'),
  alert_id: text,
  state: z.enum(['open', 'update', 'resolved']),
  rule: text,
  kind: z.enum(RULE_KINDS),
  severity: z.enum(SEVERITIES),
  key: z.partialRecord(z.enum(DIMENSIONS), text),
  since: time,
  time,
  window_s: number,
  connects: number.exactOptional(),
  bad: number,
  observed: number,
  threshold: number,
  unit: z.enum(['us', 'ratio']),
  usual: number.exactOptional(),
  outcomes: z.partialRecord(z.enum(OUTCOMES), number),
  causes: z.partialRecord(z.enum(CAUSES), number),
  likely_cause: z.enum(CAUSES),
  examples: z.array(example).max(3),
  summary: text,
})
