import { z } from 'zod'
import { RULE_SETTINGS } from '../../detect/rules/schema.js'
import type { AnyDestinationKind } from '../destination-kinds.js'
import type { ConfigKey, KeyGroup, KeyType } from './config-key.js'
import { agentSchema } from './schema.js'

/** What of JSON Schema our schemas become. */
export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly examples?: readonly string[]
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
  readonly required?: readonly string[]
  readonly value?: string
  readonly flag?: string
}

/** All keys, in the order in which they are told of; those of a sink without its `type` and `name`. */
export function agentKeys(kinds: readonly AnyDestinationKind[]): readonly KeyGroup[] {
  const own = keysBelow(schemaNode(agentSchema(kinds)), [], '')
  const groups = [...new Set(own.map(({ path }) => (path.length > 1 ? (path[0] as string) : '')))]
  const root = schemaNode(agentSchema(kinds)).properties ?? {}
  return [
    ...groups
      .sort((one, other) => Number(other === '') - Number(one === ''))
      .map((name) => ({
        name,
        help: root[name]?.description ?? '',
        keys: own.filter(({ path }) => (path.length > 1 ? path[0] : '') === name && path[0] !== 'sinks'),
      })),
    ...kinds.map(({ type, config }) => sinkGroup(type, config)),
  ]
}

/** The keys of a kind of sink, without its `type` and `name`. @param config the schema of its configuration */
export function sinkGroup(type: string, config: z.ZodType): KeyGroup {
  const node = schemaNode(config)
  const keys = keysBelow(node, [], `${type}-`).filter(
    ({ path }) => !['type', 'name'].includes(path.join('.')),
  )
  return { name: type, help: node.properties?.['type']?.description ?? '', sink: type, keys }
}

/** The keys of a file of rules, then of each kind of rule. @param file its schema */
export function ruleGroups(file: z.ZodType): readonly KeyGroup[] {
  const groupOf = (name: string, help: string, node: SchemaNode) => ({
    name,
    help,
    keys: keysBelow(node, [], '').filter(({ path }) => path.join('.') !== 'kind'),
  })
  return [
    groupOf('The file', '', schemaNode(file)),
    ...RULE_SETTINGS.map((rule) => {
      const { description = '' } = rule.shape.kind
      return groupOf(`A rule of the kind ${rule.shape.kind.value}`, description, schemaNode(rule))
    }),
  ]
}

/** A schema as JSON Schema: what may be written, not what it becomes. */
export function schemaNode(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode
}

/** @param required whether the map itself must be there: what must stand in one that may be left out may be left out */
function keysBelow(
  node: SchemaNode,
  path: readonly string[],
  prefix: string,
  required = true,
): readonly ConfigKey[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const below = [...path, name]
    const isRequired = required && node.required?.includes(name) === true
    if (child.properties !== undefined) return keysBelow(child, below, prefix, isRequired)
    return [keyOf(below, child, isRequired, prefix)]
  })
}

function keyOf(path: readonly string[], node: SchemaNode, required: boolean, prefix: string): ConfigKey {
  const type = typeOf(node)
  const choices = node.enum ?? node.items?.enum ?? node.items?.anyOf?.[0]?.examples
  return {
    path,
    help: node.description ?? '',
    type,
    value: node.value ?? node.items?.value ?? valueName(path, type),
    ...(choices === undefined ? {} : { choices: choices.map(String) }),
    ...(node.default === undefined || typeof node.default === 'object'
      ? {}
      : { default: String(node.default) }),
    required,
    ...(type === 'other'
      ? {}
      : { flag: `--${node.flag ?? `${prefix}${path.join('-').replaceAll('_', '-')}`}` }),
  }
}

function typeOf(node: SchemaNode): KeyType {
  switch (node.type) {
    case 'boolean':
      return 'boolean'
    case 'string':
      return 'text'
    case 'integer':
    case 'number':
      return 'number'
    case 'array': {
      const items = node.items ?? {}
      const isText = (one: SchemaNode) => one.type === 'string'
      return isText(items) || items.anyOf?.some(isText) === true ? 'texts' : 'other'
    }
    default:
      return scalarUnion(node.anyOf ?? []) ? 'text' : 'other'
  }
}

/** A size: a number or a text. What a flag says is a text, which the schema takes too. */
function scalarUnion(parts: readonly SchemaNode[]): boolean {
  return parts.some(({ type }) => type === 'string') && parts.every(({ type }) => SCALARS.has(type ?? ''))
}

const SCALARS = new Set(['string', 'number', 'integer'])

function valueName(path: readonly string[], type: KeyType): string {
  const last = (path.at(-1) ?? '').toUpperCase().replaceAll('_', '-')
  if (type === 'number') return 'N'
  if (type === 'texts') return `${last.replace(/S$/, '')},…`
  return /(FILE|DIR|PATH|DIRECTORY)$/.test(last) ? 'PATH' : last
}
