import { z } from 'zod'
import { byteSizeSetting } from '../../delivery/byte-size-setting.js'
import { durationSetting } from '../../delivery/duration-setting.js'

/** Headers that are the protocol's, or ours. */
const OURS =
  /^(host|connection|content-length|content-type|content-encoding|transfer-encoding|idempotency-key)$/i
const HEADER = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, { error: 'is not the name of a header' })
  .refine((name) => !OURS.test(name), { error: 'is a header that hivetap sets itself' })
const file = () => z.string().min(1).max(4096).meta({ value: 'FILE' })

/** What a destination of the kind `webhook` is configured with. */
export const webhookConfig = z
  .strictObject({
    type: z.literal('webhook').describe('Batches by POST to an address'),
    name: z.string().min(1).max(64).default('webhook').describe('What it is called among the sinks'),
    url: z
      .url({ protocol: /^https?$/, error: 'is an address that begins with http:// or https://' })
      .refine((url) => URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '', {
        error: 'holds no name or password: put them into a file, for header_files',
      })
      .meta({ value: 'URL' })
      .describe('The address; a redirect is not followed'),
    format: z.enum(['ndjson', 'json']).default('ndjson').describe('The body: a line a record, or one array'),
    compression: z.enum(['none', 'gzip']).default('none').describe('How the body is packed'),
    headers: z
      .record(
        HEADER,
        z
          .string()
          .max(8192)
          .regex(/^[\t\x20-\x7e]*$/, { error: 'is not a value for a header' }),
      )
      .default({})
      .describe('Headers that are no secret'),
    header_files: z
      .record(HEADER, file())
      .default({})
      .describe('Headers whose values stand in files, read anew with each request: {Authorization: FILE}'),
    timeout: durationSetting('100ms', '10m')
      .prefault('10s')
      .meta({ value: 'TIME' })
      .describe('How long a request may take, with its answer'),
    max_body_bytes: byteSizeSetting('1KiB', '64MiB')
      .prefault('4MiB')
      .meta({ value: 'SIZE' })
      .describe('A body at most, before it is packed; larger batches go as several'),
    ca_file: file()
      .optional()
      .describe('Authorities, as PEM, that the server is checked against instead of Node’s'),
    cert_file: file().optional().describe('Our certificate, as PEM, for servers that ask for one'),
    key_file: file().optional().describe('Its private key, as PEM'),
  })
  .refine(({ cert_file, key_file }) => (cert_file === undefined) === (key_file === undefined), {
    error: 'cert_file and key_file go together',
    path: ['key_file'],
  })

export type WebhookConfig = z.infer<typeof webhookConfig>
