import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { pemFault } from './pem.js'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const keys = [
  privateKey.export({ type: 'pkcs8', format: 'pem' }),
  privateKey.export({ type: 'sec1', format: 'pem' }),
].map(String)
const encrypted = privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'secret',
})

test('a key is one, however it is written, but for one with a passphrase', () => {
  for (const key of keys) {
    expect(pemFault('key', key)).toBeUndefined()
    expect(pemFault('key', `Some text before it\n${key}`)).toBeUndefined()
    expect(pemFault('key', key.slice(0, 100))).toBe('it holds no key in PEM')
    expect(pemFault('certificate', key)).toBe('it holds no certificate in PEM')
  }
  expect(pemFault('key', String(encrypted))).toContain('passphrase')
  const old = '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAA==\n'
  expect(pemFault('key', `${old}-----END EC PRIVATE KEY-----\n`)).toContain('passphrase')
})

test('a certificate is one; what is empty, cut or anything else is not', () => {
  const subject = ['-subj', '/CN=test', '-days', '1', '-keyout', '/dev/null']
  const certificate = execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  expect(pemFault('certificate', certificate)).toBeUndefined()
  expect(pemFault('certificate', `${certificate}${certificate}`)).toBeUndefined()
  expect(pemFault('certificate', certificate.slice(0, 200))).toBe('it holds no certificate in PEM')
  expect(pemFault('key', certificate)).toBe('it holds no key in PEM')
  for (const empty of ['', '\n', ' \n\t'])
    for (const kind of ['certificate', 'key'] as const) expect(pemFault(kind, empty)).toBe('it is empty')
})
