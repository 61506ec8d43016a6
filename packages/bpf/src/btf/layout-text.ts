import type { Btf } from './btf.js'
import type { BtfTypeId } from './btf-type.js'

/**
 * A type as it lies in memory, as text: what two programs must agree on to read each other's values. Names of members and
 * enumerators, places, sizes and what tags say of how to read them; not what they are called elsewhere, nor their docs.
 *
 * The same text means the same layout, on every machine and in every object file. Types behind pointers are not told.
 */
export function layoutText(btf: Btf, type: BtfTypeId): string {
  const tags = new Map<string, string[]>()
  for (const [, tag] of btf.types()) {
    if (tag.kind !== 'decl_tag' || tag.name.startsWith('doc:')) continue
    const key = `${tag.type}:${tag.component}`
    tags.set(key, [...(tags.get(key) ?? []), tag.name].sort())
  }
  const tagText = (id: BtfTypeId, component: number) => {
    const found = tags.get(`${id}:${component}`)
    return found === undefined ? '' : ` ${JSON.stringify(found)}`
  }
  // A struct holds itself through a pointer alone, so this ends.
  const text = (id: BtfTypeId): string => {
    const { id: at, type: found } = btf.resolve(id)
    switch (found.kind) {
      case 'struct':
      case 'union': {
        const members = found.members.map(
          (member, index) =>
            `${member.name}@${member.bitOffset}:${member.bitfieldSize} ${text(member.type)}${tagText(at, index)}`,
        )
        return `${found.kind} ${found.size} {${members.join('; ')}}${tagText(at, -1)}`
      }
      case 'array':
        return `[${found.length}] ${text(found.element)}`
      case 'int':
        return `int ${found.size} ${found.bits}${found.signed ? ' signed' : ''}${found.char ? ' char' : ''}${found.bool ? ' bool' : ''}`
      case 'enum':
      case 'enum64':
        return `enum ${found.size} {${found.enumerators.map(({ name, value }) => `${name}=${value}`).join(', ')}}`
      case 'float':
        return `float ${found.size}`
      default:
        return found.kind
    }
  }
  return text(type)
}
