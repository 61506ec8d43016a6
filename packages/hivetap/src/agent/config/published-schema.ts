import type { AnyTool } from '../../probes/tool.js'
import { TOOLS } from '../../probes/tools.js'
import { detectFileSchema } from '../../sinks/detect/config.js'
import { type AnyDestinationKind, DESTINATION_KINDS } from '../destination-kinds.js'
import { schemaNode } from './keys-of-schema.js'
import { agentSchema } from './schema.js'
import { toolOptions } from './tool-options.js'
import { REQUIRED_TOOL } from './tool-setting.js'

type Json = { [key: string]: unknown }

/** The JSON Schema (draft 2020-12) of an agent's configuration file: for editors, and for what writes such files. */
export function publishedSchema(
  kinds: readonly AnyDestinationKind[] = DESTINATION_KINDS,
  tools: readonly AnyTool[] = TOOLS,
): Json {
  const { $schema, ...schema } = strip(schemaNode(agentSchema(kinds, tools)) as Json) as Json
  const properties = schema['properties'] as { tools: Json; sinks: Json }
  properties.tools['items'] = { anyOf: [{ enum: tools.map(({ name }) => name) }, ...tools.map(toolSchema)] }
  return { $schema, title: 'Configuration of hivetap agent', ...schema }
}

/** The JSON Schema of a file of `hivetap detect --rules`. */
export function publishedRulesSchema(): Json {
  const { $schema, ...schema } = strip(schemaNode(detectFileSchema) as Json) as Json
  return { $schema, title: 'Rules of hivetap detect', ...schema }
}

/** A tool with its options, each as its flag takes it. */
function toolSchema(tool: AnyTool): Json {
  const options = toolOptions(tool).map(({ key, help, value }) => [
    key,
    { description: help, ...(value === undefined ? { type: 'boolean' } : VALUE) },
  ])
  return {
    type: 'object',
    properties: {
      name: { const: tool.name },
      options: { type: 'object', properties: Object.fromEntries(options), additionalProperties: false },
      required: { type: 'boolean', default: false, description: REQUIRED_TOOL.description },
    },
    required: ['name'],
    additionalProperties: false,
  }
}

const SCALARS = ['string', 'number']
const VALUE = { anyOf: [{ type: SCALARS }, { type: 'array', items: { type: SCALARS } }] }

/** Without what only help and flags are made of; and a sink without a name is called by its type. */
function strip(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strip)
  if (typeof node !== 'object' || node === null) return node
  const { flag, value, ...rest } = node as Json
  const kept = isSchema(node as Json) ? rest : node
  const entries = Object.entries(kept).map(([key, child]): [string, unknown] => [key, strip(child)])
  const stripped = Object.fromEntries(entries)
  const { required, properties } = stripped as { required?: string[]; properties?: Json }
  if (required === undefined || properties?.['type'] === undefined) return stripped
  return { ...stripped, required: required.filter((key) => key !== 'name') }
}

/** Whether it is a schema, and not the map of a schema's properties: a key may be called `value`. */
function isSchema(node: Json): boolean {
  return Object.entries(node).every(
    ([key, child]) => !['flag', 'value'].includes(key) || typeof child === 'string',
  )
}
