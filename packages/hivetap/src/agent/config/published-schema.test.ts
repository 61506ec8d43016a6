import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { SAMPLE_KINDS } from '../../../../../test/support/destination-kinds.js'
import { publishedSchema } from './published-schema.js'

describe('the published schema', () => {
  const schema = publishedSchema(SAMPLE_KINDS)
  const isValid = new Ajv2020({ strict: false }).compile(schema)
  const least = { tools: ['execsnoop'], sinks: [{ type: 'out' }] }

  it.each([
    least,
    { ...least, tools: [{ name: 'tcpconnlat', options: { min_ms: 1, port: [80], failed: true } }] },
    { ...least, tools: [{ name: 'execsnoop', required: true }] },
    { ...least, spool: { max_bytes: '1GiB', max_age: '7d' }, queue: { batch_bytes: 65_536 } },
    { ...least, sinks: [{ type: 'queue', brokers: ['a'], topic: 't', name: 'far' }] },
  ])('takes what the agent takes: %j', (config) => {
    expect(isValid(config), JSON.stringify(isValid.errors)).toBe(true)
  })

  it.each([
    {},
    { ...least, nod: 'x' },
    { ...least, tools: ['tcpconlat'] },
    { ...least, tools: [{ name: 'execsnoop', options: { min_ms: 1 } }] },
    { ...least, spool: { max_bytes: '1gb' } },
    { ...least, spool: { policy: 'drop' } },
    { ...least, sinks: [{ type: 'queue' }] },
    { ...least, sinks: [{ type: 'nowhere' }] },
  ])('refuses what the agent refuses: %j', (config) => {
    expect(isValid(config)).toBe(false)
  })

  it('holds nothing but JSON Schema', () => {
    expect(JSON.stringify(schema)).not.toMatch(/"(flag|value)":"/)
  })
})
