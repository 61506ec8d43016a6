import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ALERT_SINK_KINDS } from './alert-sink-kinds.js'

interface Node {
  readonly description?: string
  readonly additionalProperties?: unknown
  readonly properties?: Readonly<Record<string, Node>>
}

/** Keys without a description, by their paths. */
function undescribed(node: Node, path: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
    ...(child.description === undefined ? [`${path}.${name}`] : []),
    ...undescribed(child, `${path}.${name}`),
  ])
}

describe.each(ALERT_SINK_KINDS.map((kind) => [kind.type, kind] as const))(
  'alerts to %s',
  (type, { config }) => {
    const schema = z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }) as Node

    it('have a configuration that is strict, with each key described', () => {
      expect(undescribed(schema, type)).toEqual([])
      expect(schema.additionalProperties).toBe(false)
      expect(Object.keys(schema.properties ?? {}).slice(0, 2)).toEqual(['type', 'name'])
    })
  },
)

it('kinds are told apart by type', () => {
  const types = ALERT_SINK_KINDS.map(({ type }) => type)
  expect(types).toEqual(['stdout', 'kafka', 'alertmanager', 'webhook'])
  const [first, ...others] = ALERT_SINK_KINDS.map(({ config }) => config)
  if (first === undefined) throw new Error('there is none')
  expect(z.discriminatedUnion('type', [first, ...others]).parse({ type: 'stdout' })).toEqual({
    ...{ type: 'stdout', name: 'stdout', format: 'text' },
  })
})
