import { readSecret, unreadable } from '../secrets/read-secret.js'
import { type Address, addressOf } from './http-client.js'

/** Where an address stands: one of the three. */
export interface AddressPlace {
  readonly url?: string | undefined
  readonly url_file?: string | undefined
  readonly url_env?: string | undefined
}

/**
 * The address now. One from a file or the environment is a secret: only its host is told.
 *
 * @throws {DeliveryError} `secret_unreadable`
 */
export async function readAddress({ url, url_file, url_env }: AddressPlace): Promise<Address> {
  if (url !== undefined) return addressOf(url)
  const text = (await readSecret('address', url_file, url_env)).trim()
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  const isUsable =
    /^https?:$/.test(parsed?.protocol ?? '') && parsed?.username === '' && parsed.password === ''
  if (parsed === undefined || !isUsable)
    throw unreadable(
      `What ${url_file ?? url_env} holds is no address with http:// or https:// and no name in it.`,
    )
  return { url: parsed, said: `${parsed.origin}/…` }
}
