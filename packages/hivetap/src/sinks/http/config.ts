import { z } from 'zod'
import { durationSetting } from '../../settings/duration-setting.js'

/** Headers that are the protocol's, or ours. */
const OURS =
  /^(host|connection|content-length|content-type|content-encoding|transfer-encoding|idempotency-key)$/i
const HEADER = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, { error: 'is not the name of a header' })
  .refine((name) => !OURS.test(name), { error: 'is a header that hivetap sets itself' })

/** A key that names a file. */
export const fileSetting = () => z.string().min(1).max(4096).meta({ value: 'FILE' })

/** An address that holds no secret. */
export const urlSetting = () =>
  z
    .url({ protocol: /^https?$/, error: 'is an address that begins with http:// or https://' })
    .refine((url) => URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '', {
      error: 'holds no name or password: put them into a file, for header_files',
    })
    .meta({ value: 'URL' })

/** How requests are made: keys that every sink over HTTP has. */
export const httpConfig = {
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
    .record(HEADER, fileSetting())
    .default({})
    .describe('Headers whose values stand in files, read anew with each request: {Authorization: FILE}'),
  timeout: durationSetting('100ms', '10m')
    .prefault('10s')
    .meta({ value: 'TIME' })
    .describe('How long a request may take, with its answer'),
  ca_file: fileSetting()
    .optional()
    .describe('Authorities, as PEM, that the server is checked against instead of Node’s'),
  cert_file: fileSetting().optional().describe('Our certificate, as PEM, for servers that ask for one'),
  key_file: fileSetting().optional().describe('Its private key, as PEM'),
} as const

/** Whether a certificate stands with its key. */
export const certificateIsWhole = ({ cert_file, key_file }: Pick<HttpConfig, 'cert_file' | 'key_file'>) =>
  (cert_file === undefined) === (key_file === undefined)

/** What is said where {@link certificateIsWhole} does not hold. */
export const CERTIFICATE_PART = { error: 'cert_file and key_file go together', path: ['key_file'] }

const httpSettings = z.strictObject(httpConfig)
export type HttpConfig = z.infer<typeof httpSettings>
