import type { Btf } from '../btf/btf.js'
import type { CoreRelocation, CoreRelocationKind } from '../btf/btf-ext.js'
import { type BtfType, type BtfTypeId, btfTypeName } from '../btf/btf-type.js'
import { InvalidSpecError } from '../errors.js'

/** A step from a type to a part of it. */
export type AccessStep =
  | { readonly kind: 'member'; readonly name: string; readonly type: BtfTypeId }
  | { readonly kind: 'index'; readonly index: number }

/** A place in a type: what a field relocation is about. */
export interface FieldPlace {
  readonly bitOffset: number
  /** 0 where it is no bit field. */
  readonly bitfieldSize: number
  readonly type: BtfTypeId
}

/** A local field: where the compiler saw it, and the names that lead there. */
export interface LocalField extends FieldPlace {
  /** Elements of the root type to skip: `pointer[2].field`. */
  readonly rootIndex: number
  readonly steps: readonly AccessStep[]
}

/** `sock___older` → `sock`: what follows three underscores, no more, tells variants of one kernel type apart. */
export function essentialName(name: string): string {
  return /^(.*[^_])___[^_]/s.exec(name)?.[1] ?? name
}

export type RelocationSubject = 'field' | 'type' | 'enumerator'

/** What a kind of relocation asks about. */
export function relocationSubject(kind: CoreRelocationKind): RelocationSubject {
  if (kind.startsWith('field_')) return 'field'
  return kind.startsWith('enumval_') ? 'enumerator' : 'type'
}

/**
 * Follows a field relocation's indices through the object's own types.
 *
 * @throws {InvalidSpecError} if they lead nowhere
 */
export function followAccess(btf: Btf, relocation: CoreRelocation): LocalField {
  const fail = (why: string) =>
    new InvalidSpecError(
      `Cannot follow the access ${relocation.access.join(':')} into type ${relocation.type}: ${why}`,
    )
  const [rootIndex = 0, ...path] = relocation.access
  let at = btf.resolve(relocation.type)
  let bitOffset = rootIndex === 0 ? 0 : rootIndex * btf.sizeOf(at.id) * 8
  let bitfieldSize = 0
  const steps: AccessStep[] = []
  for (const index of path) {
    const { type } = at
    let next: BtfTypeId
    if (type.kind === 'struct' || type.kind === 'union') {
      const member = type.members[index]
      if (member === undefined) throw fail(`${type.kind} ${type.name} has no member ${index}`)
      bitOffset += member.bitOffset
      bitfieldSize = member.bitfieldSize
      next = member.type
      // An anonymous struct is no step: its members belong to the one around it.
      if (member.name !== '') steps.push({ kind: 'member', name: member.name, type: next })
    } else if (type.kind === 'array') {
      bitOffset += index * btf.sizeOf(type.element) * 8
      bitfieldSize = 0
      next = type.element
      steps.push({ kind: 'index', index })
    } else {
      throw fail(`${describe(type)} has no parts`)
    }
    at = btf.resolve(next)
  }
  return { rootIndex, steps, bitOffset, bitfieldSize, type: at.id }
}

/**
 * Follows a local field's names through a type of the kernel; `undefined` if it has no such field, or one of another
 * nature.
 */
export function matchField(
  local: Btf,
  field: LocalField,
  target: Btf,
  root: BtfTypeId,
): FieldPlace | undefined {
  let at = target.resolve(root)
  let flexible = false
  let place: FieldPlace = {
    bitOffset: field.rootIndex === 0 ? 0 : field.rootIndex * target.sizeOf(at.id) * 8,
    bitfieldSize: 0,
    type: at.id,
  }
  for (const step of field.steps) {
    const found: (FieldPlace & { readonly last?: boolean }) | undefined =
      step.kind === 'member'
        ? findMember(target, at.id, step.name, new Set())
        : element(target, at.id, step.index, flexible)
    if (found === undefined) return undefined
    if (step.kind === 'member' && !fieldsCompatible(local, step.type, target, found.type)) return undefined
    at = target.resolve(found.type)
    flexible = found.last === true
    place = { bitOffset: place.bitOffset + found.bitOffset, bitfieldSize: found.bitfieldSize, type: at.id }
  }
  return place
}

const MAX_NESTING = 32
/** Structs and unions without a name that one struct may hold; the kernel's largest hold some fifty. */
const MAX_NAMELESS = 1024

/** Finds a member by name, in anonymous structs and unions within too; `last`: none follows it in its struct. */
function findMember(
  btf: Btf,
  id: BtfTypeId,
  name: string,
  searched: Set<BtfTypeId>,
): (FieldPlace & { readonly last: boolean }) | undefined {
  const { id: resolved, type } = btf.resolve(id)
  // What was searched in vain once need not be searched again: also where hostile types contain themselves.
  if ((type.kind !== 'struct' && type.kind !== 'union') || searched.has(resolved)) return undefined
  if (searched.size > MAX_NAMELESS) return undefined
  searched.add(resolved)
  for (const [index, member] of type.members.entries()) {
    if (member.name === name) {
      const last = index === type.members.length - 1
      return { bitOffset: member.bitOffset, bitfieldSize: member.bitfieldSize, type: member.type, last }
    }
    if (member.name !== '') continue
    const inner = findMember(btf, member.type, name, searched)
    if (inner !== undefined) return { ...inner, bitOffset: member.bitOffset + inner.bitOffset }
  }
  return undefined
}

function element(btf: Btf, id: BtfTypeId, index: number, lastMember: boolean): FieldPlace | undefined {
  const { type } = btf.resolve(id)
  if (type.kind !== 'array') return undefined
  // A struct's last member of length 0 is a flexible array, which has whatever element is asked for.
  const flexible = lastMember && type.length === 0
  if (!flexible && index >= type.length) return undefined
  return { bitOffset: index * btf.sizeOf(type.element) * 8, bitfieldSize: 0, type: type.element }
}

/** Whether two fields are of one nature: sizes and signs may differ, an integer and a pointer may not. */
function fieldsCompatible(local: Btf, localId: BtfTypeId, target: Btf, targetId: BtfTypeId): boolean {
  let a = local.resolve(localId).type
  let b = target.resolve(targetId).type
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    if (isComposite(a) && isComposite(b)) return true
    if (isEnum(a) && isEnum(b)) return sameName(a, b)
    if (a.kind !== b.kind) return false
    switch (a.kind) {
      case 'ptr':
      case 'float':
      case 'int':
        return true
      case 'fwd':
        return sameName(a, b)
      case 'array': {
        if (b.kind !== 'array') return false
        a = local.resolve(a.element).type
        b = target.resolve(b.element).type
        break
      }
      default:
        return false
    }
  }
  return false
}

const isComposite = (type: BtfType): boolean => type.kind === 'struct' || type.kind === 'union'
const isEnum = (type: BtfType): boolean => type.kind === 'enum' || type.kind === 'enum64'

/** Anonymous types match any; flavours match what they are flavours of. */
function sameName(a: BtfType, b: BtfType): boolean {
  const nameA = essentialName(btfTypeName(a))
  const nameB = essentialName(btfTypeName(b))
  return nameA === '' || nameB === '' || nameA === nameB
}

function describe(type: BtfType): string {
  return `${type.kind} ${btfTypeName(type)}`.trim()
}
