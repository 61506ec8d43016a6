import type { z } from 'zod'
import { type SchemaNode, schemaNode } from './keys-of-schema.js'

/** The keys that may stand in the map at a path: of a union, of the part that the value's `type` names, or of all. */
export function keysAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): readonly string[] {
  let nodes: readonly SchemaNode[] = [schemaNode(schema)]
  let at = value
  for (const part of path) {
    nodes = parts(nodes, at).flatMap((node) => {
      const child = typeof part === 'number' ? node.items : node.properties?.[String(part)]
      return child === undefined ? [] : [child]
    })
    at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined
  }
  return [...new Set(parts(nodes, at).flatMap((node) => Object.keys(node.properties ?? {})))]
}

/** Unions opened; what is told by `type` is only the part of that type. */
function parts(nodes: readonly SchemaNode[], value: unknown): readonly SchemaNode[] {
  const type = typeof value === 'object' && value !== null ? Reflect.get(value, 'type') : undefined
  return nodes
    .flatMap((node) => [node, ...parts([...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter(isNode), value)])
    .filter(({ properties }) => {
      const own = properties?.['type']?.const
      return own === undefined || own === type
    })
}

function isNode(node: SchemaNode): boolean {
  return typeof node === 'object'
}
