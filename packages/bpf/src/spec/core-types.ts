import type { Btf } from '../btf/btf.js'
import { type BtfType, type BtfTypeId, btfTypeName } from '../btf/btf-type.js'
import { essentialName } from './core-accessor.js'

const MAX_DEPTH = 32

const isComposite = (type: BtfType): type is Extract<BtfType, { kind: 'struct' | 'union' }> =>
  type.kind === 'struct' || type.kind === 'union'
const isEnum = (type: BtfType): type is Extract<BtfType, { kind: 'enum' | 'enum64' }> =>
  type.kind === 'enum' || type.kind === 'enum64'

/**
 * Whether a type of the kernel is what a `type_exists` or `type_size` relocation asks for: of the same shape down to
 * its named types, which count by kind alone.
 */
export function typesCompatible(
  local: Btf,
  localId: BtfTypeId,
  target: Btf,
  targetId: BtfTypeId,
  depth = 0,
): boolean {
  if (depth > MAX_DEPTH) return false
  const a = local.resolve(localId).type
  const b = target.resolve(targetId).type
  if (isEnum(a) && isEnum(b)) return true
  if (a.kind !== b.kind) return false
  switch (a.kind) {
    case 'ptr':
      return b.kind === 'ptr' && typesCompatible(local, a.type, target, b.type, depth + 1)
    case 'array':
      return b.kind === 'array' && typesCompatible(local, a.element, target, b.element, depth + 1)
    case 'func_proto':
      return (
        b.kind === 'func_proto' &&
        a.parameters.length === b.parameters.length &&
        typesCompatible(local, a.returns, target, b.returns, depth + 1) &&
        a.parameters.every((parameter, index) =>
          typesCompatible(local, parameter.type, target, b.parameters[index]?.type ?? 0, depth + 1),
        )
      )
    default:
      return true
  }
}

/**
 * Whether a type of the kernel has all that the local one declares: a `type_matches` relocation. Members are looked
 * for by name, enumerators too; what the kernel has besides does not matter.
 */
export function typesMatch(
  local: Btf,
  localId: BtfTypeId,
  target: Btf,
  targetId: BtfTypeId,
  behindPointer = false,
  depth = 0,
): boolean {
  if (depth > MAX_DEPTH) return false
  const a = local.resolve(localId).type
  const b = target.resolve(targetId).type
  if (essentialName(btfTypeName(a)) !== essentialName(btfTypeName(b))) return false
  const recurse = (x: BtfTypeId, y: BtfTypeId, pointer = behindPointer) =>
    typesMatch(local, x, target, y, pointer, depth + 1)
  if (isEnum(a) && isEnum(b)) {
    const names = new Set(b.enumerators.map((enumerator) => enumerator.name))
    return a.enumerators.every((enumerator) => names.has(enumerator.name))
  }
  // Behind a pointer a forward declaration stands for the type itself.
  if (behindPointer && (a.kind === 'fwd' || b.kind === 'fwd')) return forwardMatches(a, b)
  if (a.kind !== b.kind) return false
  switch (a.kind) {
    case 'fwd':
      return b.kind === 'fwd' && a.union === b.union
    case 'int':
      return b.kind === 'int' && a.size === b.size && a.signed === b.signed
    case 'ptr':
      return b.kind === 'ptr' && recurse(a.type, b.type, true)
    case 'array':
      return b.kind === 'array' && a.length === b.length && recurse(a.element, b.element)
    case 'struct':
    case 'union':
      return (
        isComposite(b) &&
        (behindPointer ||
          a.members.every((member) =>
            b.members.some((other) => other.name === member.name && recurse(member.type, other.type)),
          ))
      )
    case 'func_proto':
      return (
        b.kind === 'func_proto' &&
        a.parameters.length === b.parameters.length &&
        recurse(a.returns, b.returns) &&
        a.parameters.every((parameter, index) => recurse(parameter.type, b.parameters[index]?.type ?? 0))
      )
    default:
      return true
  }
}

function forwardMatches(a: BtfType, b: BtfType): boolean {
  const union = (type: BtfType) => type.kind === 'union' || (type.kind === 'fwd' && type.union)
  const composite = (type: BtfType) => isComposite(type) || type.kind === 'fwd'
  return composite(a) && composite(b) && union(a) === union(b)
}
