import { z } from 'zod'
import { authConfig } from '../../http/auth.js'
import {
  CERTIFICATE_PART,
  certificateIsWhole,
  fileSetting,
  httpConfig,
  urlSetting,
} from '../../http/config.js'

const given = (values: readonly unknown[]) => values.filter((value) => value !== undefined).length

/** What a sink of alerts of the type `webhook` is configured with. */
export const webhookAlertsConfig = z
  .strictObject({
    type: z.literal('webhook').describe('Alerts by POST to an address, each made by a template'),
    name: z.string().min(1).max(64).default('webhook').describe('What it is called in the log'),
    url: urlSetting().optional().describe('The address; a redirect is not followed'),
    url_file: fileSetting()
      .optional()
      .describe('File that holds the address, where it is a secret, as Slack’s are; read for each request'),
    url_env: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .meta({ value: 'NAME' })
      .describe('Environment variable that holds the address'),
    template: z
      .enum(['json', 'slack'])
      .default('json')
      .describe('The body: the alert as JSON, or a message for Slack and those that take the same'),
    template_file: fileSetting()
      .optional()
      .describe('File that holds a template of your own, instead; read at the start'),
    template_text: z
      .string()
      .min(1)
      .max(65_536)
      .optional()
      .meta({ value: 'TEXT' })
      .describe('A template of your own, instead'),
    content_type: z
      .string()
      .max(256)
      .regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.-]+)*$/, { error: 'is not a type of content' })
      .default('application/json')
      .describe('What the body of your own template is; of JSON, values are escaped for it'),
    escape: z
      .enum(['plain', 'slack'])
      .default('plain')
      .describe(
        'What the receiver acts on in a text of your own template: nothing, or mark-up and mentions as Slack',
      ),
    auth: authConfig.optional().describe('Who we are to it'),
    ...httpConfig,
  })
  .refine(({ url, url_file, url_env }) => given([url, url_file, url_env]) === 1, {
    error: 'takes one of url, url_file and url_env',
    path: ['url'],
  })
  .refine(({ template_file, template_text }) => given([template_file, template_text]) < 2, {
    error: 'template_file and template_text do not go together',
    path: ['template_text'],
  })
  .refine(certificateIsWhole, CERTIFICATE_PART)

export type WebhookAlertsConfig = z.infer<typeof webhookAlertsConfig>
