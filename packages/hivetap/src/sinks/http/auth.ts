import { z } from 'zod'
import { readSecret } from '../secrets/read-secret.js'
import { fileSetting } from './config.js'
import { checkHeader } from './read-header.js'

const variable = () => z.string().min(1).max(256).meta({ value: 'NAME' })

/** Who we are to a server: a name and a password, or a token. Secrets stand in files or in the environment, never here. */
export const authConfig = z
  .strictObject({
    username: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^:\p{Cc}]*$/u, {
        error: 'holds a colon or a control character, which Basic authentication forbids',
      })
      .optional()
      .describe('Who signs in, by Basic authentication'),
    password_file: fileSetting().optional().describe('File that holds the password; read for each request'),
    password_env: variable().optional().describe('Environment variable that holds the password'),
    token_file: fileSetting().optional().describe('File that holds a bearer token; read for each request'),
    token_env: variable().optional().describe('Environment variable that holds a bearer token'),
  })
  .superRefine((auth, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message })
    const passwords = [auth.password_file, auth.password_env].filter((place) => place !== undefined)
    const tokens = [auth.token_file, auth.token_env].filter((place) => place !== undefined)
    if (auth.username === undefined && passwords.length > 0) complain('a password takes username')
    if (auth.username !== undefined && passwords.length !== 1)
      complain('username takes one of password_file and password_env')
    if (auth.username === undefined && passwords.length === 0 && tokens.length !== 1)
      complain('takes a username with its password, or one of token_file and token_env')
    if (auth.username !== undefined && tokens.length > 0) complain('takes a username or a token, not both')
  })

export type AuthConfig = z.infer<typeof authConfig>

/**
 * The header that says who we are, read anew; none without a configuration.
 *
 * @throws {DeliveryError} `secret_unreadable`
 */
export async function authHeaders(auth: AuthConfig | undefined): Promise<Readonly<Record<string, string>>> {
  if (auth === undefined) return {}
  const { username, password_file, password_env, token_file, token_env } = auth
  if (username !== undefined) {
    const password = await readSecret('password', password_file, password_env)
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  }
  const token = await readSecret('token', token_file, token_env)
  const place = token_file ?? `the environment variable ${token_env}`
  return { authorization: checkHeader('authorization', `Bearer ${token}`, place) }
}
