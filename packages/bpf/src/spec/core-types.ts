import type { Btf } from '../btf/btf.js'
import {
  type BtfComposite,
  type BtfFunctionPrototype,
  type BtfType,
  type BtfTypeId,
  btfTypeName,
} from '../btf/btf-type.js'
import { essentialName } from './core-accessor.js'

const MAX_DEPTH = 32

const isComposite = (type: BtfType): type is BtfComposite => type.kind === 'struct' || type.kind === 'union'
const isEnum = (type: BtfType): type is Extract<BtfType, { kind: 'enum' | 'enum64' }> =>
  type.kind === 'enum' || type.kind === 'enum64'

/**
 * Whether a type of the kernel is what a `type_exists` or `type_size` relocation asks for: of the same shape down to
 * its named types, which count by kind alone.
 */
export function typesCompatible(local: Btf, localId: BtfTypeId, target: Btf, targetId: BtfTypeId): boolean {
  return compare(local, localId, target, targetId, (a, b, { recurse }) => {
    if (isEnum(a) && isEnum(b)) return true
    if (a.kind !== b.kind) return false
    switch (a.kind) {
      case 'ptr':
        return b.kind === 'ptr' && recurse(a.type, b.type)
      case 'array':
        return b.kind === 'array' && recurse(a.element, b.element)
      case 'func_proto':
        return b.kind === 'func_proto' && prototypesEqual(a, b, recurse)
      default:
        return true
    }
  })
}

/**
 * Whether a type of the kernel has all that the local one declares: a `type_matches` relocation. Members are looked
 * for by name, enumerators too; what the kernel has besides does not matter.
 */
export function typesMatch(local: Btf, localId: BtfTypeId, target: Btf, targetId: BtfTypeId): boolean {
  return compare(local, localId, target, targetId, (a, b, { recurse, behindPointer }) => {
    if (!sameName(btfTypeName(a), btfTypeName(b))) return false
    if (isEnum(a) && isEnum(b)) {
      const names = new Set(b.enumerators.map((enumerator) => essentialName(enumerator.name)))
      return a.enumerators.every((enumerator) => names.has(essentialName(enumerator.name)))
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
        return isComposite(b) && (behindPointer || membersMatch(a, b, recurse))
      case 'func_proto':
        return b.kind === 'func_proto' && prototypesEqual(a, b, recurse)
      default:
        return true
    }
  })
}

/** Compares what two types refer to; `behindPointer` stays as it is unless told. */
type Recurse = (localId: BtfTypeId, targetId: BtfTypeId, behindPointer?: boolean) => boolean

interface Position {
  readonly recurse: Recurse
  /** Whether a pointer led here. */
  readonly behindPointer: boolean
}

/** Compares two types by a rule; a pair that was compared is not compared again, however often it occurs. */
function compare(
  local: Btf,
  localId: BtfTypeId,
  target: Btf,
  targetId: BtfTypeId,
  rule: (a: BtfType, b: BtfType, position: Position) => boolean,
): boolean {
  const known = new Map<string, boolean>()
  const at = (x: BtfTypeId, y: BtfTypeId, behindPointer: boolean, depth: number): boolean => {
    if (depth > MAX_DEPTH) return false
    const pair = `${x}:${y}:${behindPointer}`
    let answer = known.get(pair)
    if (answer === undefined) {
      const recurse: Recurse = (a, b, pointer = behindPointer) => at(a, b, pointer, depth + 1)
      answer = rule(local.resolve(x).type, target.resolve(y).type, { recurse, behindPointer })
      known.set(pair, answer)
    }
    return answer
  }
  return at(localId, targetId, false, 0)
}

function membersMatch(a: BtfComposite, b: BtfComposite, recurse: Recurse): boolean {
  return a.members.every((member) =>
    b.members.some((other) => sameName(member.name, other.name) && recurse(member.type, other.type)),
  )
}

function prototypesEqual(a: BtfFunctionPrototype, b: BtfFunctionPrototype, recurse: Recurse): boolean {
  return (
    a.parameters.length === b.parameters.length &&
    recurse(a.returns, b.returns) &&
    a.parameters.every((parameter, index) => recurse(parameter.type, b.parameters[index]?.type ?? 0))
  )
}

const sameName = (a: string, b: string): boolean => essentialName(a) === essentialName(b)

function forwardMatches(a: BtfType, b: BtfType): boolean {
  const union = (type: BtfType) => type.kind === 'union' || (type.kind === 'fwd' && type.union)
  const composite = (type: BtfType) => isComposite(type) || type.kind === 'fwd'
  return composite(a) && composite(b) && union(a) === union(b)
}
