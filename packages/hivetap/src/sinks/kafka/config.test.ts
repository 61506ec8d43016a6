import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { kafkaConfig, parseBroker } from './config.js'

const LEAST = { type: 'kafka', name: 'k', brokers: ['a:9092'], topic: 'events' }

function complaint(config: unknown): string {
  const parsed = kafkaConfig.safeParse(config)
  return parsed.success ? '' : parsed.error.issues.map(({ message }) => message).join('; ')
}

test('what has to be said is little, and what is not said is safe', () => {
  expect(kafkaConfig.parse(LEAST)).toEqual({
    ...LEAST,
    key: 'none',
    format: 'json',
    cloud_events: false,
    compression: 'lz4',
    window: 4,
    request_timeout_ms: 10_000,
    deadline_ms: 30_000,
    max_message_bytes: 1_000_000,
  })
})

test('a compression that this Node.js does not have is a mistake of the configuration', () => {
  const hasZstd = 'zstdCompressSync' in zlib
  const said = complaint({ ...LEAST, compression: 'zstd' })
  expect(said).toMatch(hasZstd ? /^$/ : /has no zstd: take Node.js 22.15/)
  for (const compression of ['lz4', 'gzip', 'snappy', 'none'])
    expect(complaint({ ...LEAST, compression })).toBe('')
})

test.each([
  [{ surprise: 1 }, 'surprise'],
  [{ brokers: ['a'] }, 'HOST:PORT'],
  [{ brokers: ['a:0'] }, 'HOST:PORT'],
  [{ topic: 'a b' }, 'is not a topic'],
  [{ topic: 'a{node}' }, 'is not a topic'],
  [{ request_timeout_ms: 40_000 }, 'more than deadline_ms'],
  [{ tls: { insecure: true } }, 'insecure'],
  [{ tls: { cert_file: 'a' } }, 'stand together'],
  [{ sasl: { mechanism: 'plain', username: 'a', password: 'b' } }, 'password'],
  [{ sasl: { mechanism: 'plain', username: 'a' } }, 'one of password_file and password_env'],
  [
    { sasl: { mechanism: 'plain', username: 'a', password_file: 'b', password_env: 'C' } },
    'one of password_file',
  ],
  [{ sasl: { mechanism: 'scram-sha-512', password_file: 'b' } }, 'takes username'],
  [{ sasl: { mechanism: 'oauthbearer' } }, 'one of token_file and token_env'],
  [{ sasl: { mechanism: 'oauthbearer', token_env: 'A', username: 'b' } }, 'neither username nor password'],
])('%j is refused', (part, why) => {
  expect(complaint({ ...LEAST, ...part })).toContain(why)
})

test('every key is described, and the schema can be published', () => {
  const schema = z.toJSONSchema(kafkaConfig) as { properties: Record<string, { description?: string }> }
  for (const [name, { description }] of Object.entries(schema.properties))
    expect(description, name).toMatch(/\w/)
})

test('addresses of brokers', () => {
  expect(parseBroker('kafka-0.kafka:9092')).toEqual({ host: 'kafka-0.kafka', port: 9092 })
  expect(parseBroker('[2001:db8::1]:9092')).toEqual({ host: '2001:db8::1', port: 9092 })
  for (const wrong of ['', ':1', 'a:', 'a:65536', '::1:9092', 'a:1/', 'http://a:1', 'a b:1'])
    expect(parseBroker(wrong), wrong).toBeUndefined()
  fc.assert(fc.property(fc.string(), (text) => void parseBroker(text)))
})
