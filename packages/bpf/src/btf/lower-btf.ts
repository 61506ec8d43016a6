import { MalformedBtfError } from '../errors.js'
import type { Btf } from './btf.js'
import { BtfBuilder } from './btf-builder.js'
import type { BtfEnum, BtfForward, BtfType, BtfTypeId } from './btf-type.js'

/** What of BTF a kernel takes; which Linux first took it stands in btf-type.ts. */
export interface BtfSupport {
  /** `func`, `func_proto`: Linux 5.0. */
  readonly functions: boolean
  /** `var`, `datasec`: 5.2. */
  readonly variables: boolean
  /** Functions of global linkage: 5.6. */
  readonly globalFunctions: boolean
  /** `float`: 5.13. */
  readonly float: boolean
  /** `decl_tag`: 5.16. */
  readonly declTag: boolean
  /** `type_tag`: 5.17. */
  readonly typeTag: boolean
  /** `enum64`, and the sign flag of `enum`: 6.0. */
  readonly enum64: boolean
}

/** BTF for a kernel, and where the types went. */
export interface LoweredBtf {
  readonly builder: BtfBuilder
  /** The new number of a type of the original; 0 if it had to be left out. */
  readonly idOf: (id: BtfTypeId) => BtfTypeId
}

/**
 * Rewrites an object's BTF into what a kernel takes: only the types that `roots` lead to, and each kind that the
 * kernel does not know by one of the same size that it does.
 *
 * A float becomes bytes, an enum64 an integer, a type tag what it is on; tags on declarations tell the kernel nothing
 * and are left out. Names, sizes and offsets stay, so that `bpftool map dump` still shows fields.
 *
 * @param roots the types to keep: keys and values of maps, functions
 */
export function lowerBtf(btf: Btf, roots: Iterable<BtfTypeId>, support: BtfSupport): LoweredBtf {
  const builder = new BtfBuilder()
  const ids = new Map<BtfTypeId, BtfTypeId>([[0, 0]])
  const queue: BtfTypeId[] = []

  // A type is given its number when first met and written when its turn comes: cycles need no special case.
  const place = (id: BtfTypeId): BtfTypeId => {
    const known = ids.get(id)
    if (known !== undefined) return known
    const at = support.typeTag ? id : behindTypeTags(btf, id)
    const placed = at === id ? placeNew(id) : place(at)
    ids.set(id, placed)
    return placed
  }
  const placeNew = (id: BtfTypeId): BtfTypeId => {
    if (!canHold(btf.type(id), support)) return 0
    queue.push(id)
    return builder.add(PLACEHOLDER)
  }

  for (const root of roots) place(root)
  for (const id of queue) {
    builder.set(ids.get(id) ?? 0, lowerType(btf.type(id), place, support, builder))
  }
  return { builder, idOf: (id) => ids.get(id) ?? 0 }
}

const PLACEHOLDER: BtfForward = { kind: 'fwd', name: '', union: false }

/** What type tags are on: the first that is none. */
function behindTypeTags(btf: Btf, id: BtfTypeId): BtfTypeId {
  const met = new Set<BtfTypeId>()
  for (let at = id; ; ) {
    const type = btf.type(at)
    if (type.kind !== 'type_tag') return at
    if (met.has(at)) throw new MalformedBtfError(`Cannot read BTF: type tag ${id} is on itself`)
    met.add(at)
    at = type.type
  }
}

function canHold(type: BtfType, support: BtfSupport): boolean {
  switch (type.kind) {
    case 'void':
    case 'decl_tag':
      return false
    case 'func':
    case 'func_proto':
      return support.functions
    case 'var':
    case 'datasec':
      return support.variables
    default:
      return true
  }
}

function lowerType(
  type: BtfType,
  place: (id: BtfTypeId) => BtfTypeId,
  support: BtfSupport,
  builder: BtfBuilder,
): Exclude<BtfType, { kind: 'void' }> {
  switch (type.kind) {
    case 'void':
    case 'decl_tag':
      return PLACEHOLDER
    case 'int':
    case 'fwd':
      return type
    case 'ptr':
    case 'typedef':
    case 'volatile':
    case 'const':
    case 'restrict':
    case 'type_tag':
      return { ...type, type: place(type.type) }
    case 'array':
      return { ...type, element: place(type.element), index: place(type.index) }
    case 'struct':
    case 'union':
      return { ...type, members: type.members.map((member) => ({ ...member, type: place(member.type) })) }
    case 'enum':
      return support.enum64 ? type : withoutSign(type)
    case 'enum64':
      return support.enum64 ? type : integer(type.name, type.size, type.signed)
    case 'float':
      return support.float ? type : { kind: 'struct', name: type.name, size: type.size, members: [] }
    case 'func':
      return {
        ...type,
        type: place(type.type),
        linkage: type.linkage === 'global' && !support.globalFunctions ? 'static' : type.linkage,
      }
    case 'func_proto':
      return {
        ...type,
        returns: place(type.returns),
        parameters: type.parameters.map((parameter) => ({ ...parameter, type: place(parameter.type) })),
      }
    case 'var':
      return { ...type, type: place(type.type) }
    case 'datasec': {
      const variables = type.variables.map((variable) => ({ ...variable, type: place(variable.type) }))
      builder.string(type.name)
      return { ...type, variables }
    }
  }
}

/** Before the sign flag, an enum's negative values stood as the 32 bits that they are. */
function withoutSign(type: BtfEnum): BtfEnum {
  const enumerators = type.enumerators.map(({ name, value }) => ({ name, value: BigInt.asUintN(32, value) }))
  return { ...type, signed: false, enumerators }
}

function integer(name: string, size: number, signed: boolean): Exclude<BtfType, { kind: 'void' }> {
  return { kind: 'int', name, size, bits: size * 8, bitOffset: 0, signed, char: false, bool: false }
}
