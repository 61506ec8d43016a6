/** What a file in PEM is to hold. */
export type PemKind = 'certificate' | 'key'

const BEGINS: Readonly<Record<PemKind, RegExp>> = {
  certificate: /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END /,
  key: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^-]+-----END /,
}
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/

/**
 * Why a text does not hold what it is to; `undefined` if it does. To be asked before Node is given it: for an authority's
 * file that is empty, as it is while somebody writes it, Node would trust the authorities of the system.
 */
export function pemFault(kind: PemKind, text: string): string | undefined {
  if (kind === 'key' && ENCRYPTED.test(text))
    return 'it holds a key with a passphrase: write the key without one, readable for this process alone'
  if (BEGINS[kind].test(text)) return undefined
  return text.trim() === '' ? 'it is empty' : `it holds no ${kind} in PEM`
}
