import { z } from 'zod'
import { durationSetting } from '../../../settings/duration-setting.js'
import { authConfig } from '../../http/auth.js'
import { CERTIFICATE_PART, certificateIsWhole, httpConfig, urlSetting } from '../../http/config.js'
import { OWN_LABELS } from './labels.js'

/** A label's name, as the data model of Prometheus has it, that is not one of ours or its own (`__`). */
const LABEL = z
  .string()
  .regex(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,127}$/, { error: 'is not the name of a label' })
  .refine((name) => !OWN_LABELS.includes(name), { error: 'is a label that hivetap sets itself' })

/** What a sink of the type `alertmanager` is configured with. */
export const alertmanagerConfig = z
  .strictObject({
    type: z.literal('alertmanager').describe('Alerts to Alertmanager, by version 2 of its API'),
    name: z.string().min(1).max(64).default('alertmanager').describe('What it is called in the log'),
    urls: z
      .array(urlSetting())
      .min(1)
      .max(16)
      .describe('Alertmanagers, each by its base address: all are told. /api/v2/alerts is put behind it'),
    labels: z
      .record(LABEL, z.string().min(1).max(256))
      .default({})
      .describe('Labels that each alert has besides its own, to route by: {team: network}'),
    resend: durationSetting('1s', '1h')
      .prefault('1m')
      .meta({ value: 'TIME' })
      .describe(
        'How often alerts that are open are told again; well below resolve_timeout of Alertmanager, which is 5m by itself',
      ),
    max_open: z
      .int()
      .min(1)
      .max(100_000)
      .default(10_000)
      .meta({ value: 'N' })
      .describe('Open alerts that are told again at most; more are told once, and counted'),
    auth: authConfig.optional().describe('Who we are to it'),
    ...httpConfig,
  })
  .refine(certificateIsWhole, CERTIFICATE_PART)

export type AlertmanagerConfig = z.infer<typeof alertmanagerConfig>
