import type { Btf } from '../btf/btf.js'
import type { BtfComposite, BtfTypeId } from '../btf/btf-type.js'
import { InvalidSpecError } from '../errors.js'
import { isBufferKind, MAP_KINDS } from './map-kind.js'
import type { MapSpec } from './object-spec.js'

/**
 * Reads the map declarations of a `.maps` section: BTF-defined maps, a variable a map whose members tell by their types
 * what the map is (`int (*max_entries)[1024]`: the length of the array pointed to is the number).
 *
 * @throws {InvalidSpecError} if a declaration is not understood
 */
export function readMaps(btf: Btf): Map<string, MapSpec> {
  const maps = new Map<string, MapSpec>()
  const section = btf.find('datasec', '.maps')
  for (const { type: id } of section?.type.variables ?? []) {
    const variable = btf.type(id)
    if (variable.kind !== 'var')
      throw new InvalidSpecError(`Cannot read maps: type ${id} in .maps is no variable`)
    const { type } = btf.resolve(variable.type)
    if (type.kind !== 'struct')
      throw new InvalidSpecError(`Cannot read map ${variable.name}: it is declared as a ${type.kind}`)
    maps.set(variable.name, readMap(btf, variable.name, type))
  }
  return maps
}

function readMap(btf: Btf, name: string, declaration: BtfComposite): MapSpec {
  const fail = (why: string) => new InvalidSpecError(`Cannot read map ${name}: ${why}`)
  const members = new Map(declaration.members.map((member) => [member.name, member.type]))
  const number = (member: string, otherwise: number): number => {
    const id = members.get(member)
    if (id === undefined) return otherwise
    const pointer = btf.resolve(id).type
    const array = pointer.kind === 'ptr' ? btf.resolve(pointer.type).type : undefined
    if (array?.kind !== 'array') throw fail(`${member} is not declared with __uint`)
    return array.length
  }
  const pointedTo = (member: string): BtfTypeId | undefined => {
    const id = members.get(member)
    if (id === undefined) return undefined
    const { type } = btf.resolve(id)
    if (type.kind !== 'ptr') throw fail(`${member} is not declared with __type`)
    return type.type
  }
  for (const member of members.keys()) {
    if (!KNOWN_MEMBERS.has(member)) throw fail(`${member} is not supported`)
  }
  const kind = MAP_KINDS[number('type', 0)]
  if (kind === undefined || kind === 'unspec') throw fail(`type ${number('type', 0)} is unknown`)
  const key = pointedTo('key')
  const value = pointedTo('value')
  // Of a buffer, the value declared is what a record is; the kernel has its own idea of key and value.
  const keySize = isBufferKind(kind) ? 0 : key === undefined ? number('key_size', 0) : btf.sizeOf(key)
  return {
    name,
    kind,
    keySize,
    valueSize: value === undefined ? number('value_size', 0) : btf.sizeOf(value),
    maxEntries: number('max_entries', 0),
    flags: number('map_flags', 0),
    key,
    value,
  }
}

const KNOWN_MEMBERS = new Set(['type', 'key', 'value', 'key_size', 'value_size', 'max_entries', 'map_flags'])
