import { z } from 'zod'
import { byteSizeSetting } from '../../settings/byte-size-setting.js'
import { CERTIFICATE_PART, certificateIsWhole, httpConfig, urlSetting } from '../http/config.js'

const { headers, header_files, timeout, ca_file, cert_file, key_file } = httpConfig

/** What a destination of the kind `webhook` is configured with. */
export const webhookConfig = z
  .strictObject({
    type: z.literal('webhook').describe('Batches by POST to an address'),
    name: z.string().min(1).max(64).default('webhook').describe('What it is called among the sinks'),
    url: urlSetting().describe('The address; a redirect is not followed'),
    format: z.enum(['ndjson', 'json']).default('ndjson').describe('The body: a line a record, or one array'),
    compression: z.enum(['none', 'gzip']).default('none').describe('How the body is packed'),
    headers,
    header_files,
    timeout,
    max_body_bytes: byteSizeSetting('1KiB', '64MiB')
      .prefault('4MiB')
      .meta({ value: 'SIZE' })
      .describe('A body at most, before it is packed; larger batches go as several'),
    ca_file,
    cert_file,
    key_file,
  })
  .refine(certificateIsWhole, CERTIFICATE_PART)

export type WebhookConfig = z.infer<typeof webhookConfig>
