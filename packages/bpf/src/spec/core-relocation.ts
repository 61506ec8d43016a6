import type { Btf } from '../btf/btf.js'
import { describeBtfType } from '../btf/btf.js'
import type { CoreRelocation } from '../btf/btf-ext.js'
import { type BtfTypeId, btfTypeName } from '../btf/btf-type.js'
import { UnresolvedRelocationError } from '../errors.js'
import {
  essentialName,
  type FieldPlace,
  followAccess,
  matchField,
  relocationSubject,
} from './core-accessor.js'
import { typesCompatible, typesMatch } from './core-types.js'

/** What a relocation puts into its instruction. */
export interface CoreAnswer {
  readonly value: bigint
  /** For `field_byte_offset`: bytes of the field as compiled and as it is on this kernel, and whether either is signed. */
  readonly field?: { readonly localSize: number; readonly targetSize: number; readonly signed: boolean }
}

/** The kernel has no such field, type or enumerator; `reason` names it. */
export interface CoreMissing {
  readonly missing: string
}

/**
 * Answers CO-RE relocations from the types of a kernel: where a field is, how large, whether it exists.
 *
 * Semantics: LLVM's `__builtin_preserve_*` and the kernel's Documentation/bpf/llvm_reloc.rst.
 */
export class CoreResolver {
  readonly #local: Btf
  readonly #targets: readonly Btf[]
  /** What was answered: inlined code asks for a field in many places. As many as the object has questions. */
  readonly #answers = new Map<string, CoreAnswer | CoreMissing>()

  /**
   * @param local the object's own types
   * @param targets the kernel's, the first that knows a name wins: BTF made from tracefs formats before the kernel's own
   */
  constructor(local: Btf, targets: readonly Btf[]) {
    this.#local = local
    this.#targets = targets
  }

  /** Looks up all names that the relocations will ask for, and some others, in one pass. */
  locate(relocations: Iterable<CoreRelocation>, others: Iterable<string> = []): void {
    const names = new Set(others)
    for (const relocation of relocations) {
      const name = essentialName(btfTypeName(this.#local.type(relocation.type)))
      if (name !== '') names.add(name)
    }
    for (const target of this.#targets) target.locate(names)
  }

  /**
   * The answer to one relocation.
   *
   * @throws {UnresolvedRelocationError} if several types of that name give different answers
   */
  answer(relocation: CoreRelocation): CoreAnswer | CoreMissing {
    const question = `${relocation.kind} ${relocation.type} ${relocation.access.join(':')}`
    let answer = this.#answers.get(question)
    if (answer === undefined) {
      answer = this.#find(relocation)
      this.#answers.set(question, answer)
    }
    return answer
  }

  #find(relocation: CoreRelocation): CoreAnswer | CoreMissing {
    if (relocation.kind === 'type_id_local') return { value: BigInt(relocation.type) }
    const answers = this.#candidates(relocation.type).flatMap(
      ({ btf, id }) => this.#fromCandidate(relocation, btf, id) ?? [],
    )
    const [first, ...others] = answers
    if (first === undefined) return this.#whenMissing(relocation)
    if (others.some((other) => other.value !== first.value)) {
      throw new UnresolvedRelocationError(
        `Cannot relocate ${this.describe(relocation)}: the kernel has several types of that name, and they disagree`,
      )
    }
    return first
  }

  /** What a relocation is about, for messages: `field sk_err of struct sock`. */
  describe(relocation: CoreRelocation): string {
    const root = describeBtfType(this.#local, relocation.type)
    switch (relocationSubject(relocation.kind)) {
      case 'type':
        return root
      case 'enumerator': {
        const { type } = this.#local.resolve(relocation.type)
        const enumerators = 'enumerators' in type ? type.enumerators : []
        return `${enumerators[relocation.access[0] ?? 0]?.name ?? 'an enumerator'} of ${root}`
      }
      case 'field': {
        const { steps } = followAccess(this.#local, relocation)
        const path = steps
          .map((step) => (step.kind === 'member' ? `.${step.name}` : `[${step.index}]`))
          .join('')
        return `field ${path.replace(/^\./, '')} of ${root}`
      }
    }
  }

  #candidates(localId: BtfTypeId): { btf: Btf; id: BtfTypeId }[] {
    const local = this.#local.type(localId)
    const name = essentialName(btfTypeName(local))
    for (const btf of this.#targets) {
      const ids = btf.idsNamed(name).filter((id) => sameKind(btf.type(id).kind, local.kind))
      if (ids.length > 0) return ids.map((id) => ({ btf, id }))
    }
    return []
  }

  #fromCandidate(relocation: CoreRelocation, target: Btf, id: BtfTypeId): CoreAnswer | undefined {
    switch (relocationSubject(relocation.kind)) {
      case 'field':
        return this.#fieldAnswer(relocation, target, id)
      case 'enumerator':
        return this.#enumeratorAnswer(relocation, target, id)
      case 'type':
        return this.#typeAnswer(relocation, target, id)
    }
  }

  #typeAnswer(relocation: CoreRelocation, target: Btf, id: BtfTypeId): CoreAnswer | undefined {
    const matches =
      relocation.kind === 'type_matches'
        ? typesMatch(this.#local, relocation.type, target, id)
        : typesCompatible(this.#local, relocation.type, target, id)
    if (!matches) return undefined
    switch (relocation.kind) {
      case 'type_size':
        return { value: BigInt(target.sizeOf(id)) }
      case 'type_id_target':
        return { value: BigInt(id) }
      default:
        return { value: 1n }
    }
  }

  #enumeratorAnswer(relocation: CoreRelocation, target: Btf, id: BtfTypeId): CoreAnswer | undefined {
    const { type: local } = this.#local.resolve(relocation.type)
    const { type } = target.resolve(id)
    if (!('enumerators' in local) || !('enumerators' in type)) return undefined
    const wanted = local.enumerators[relocation.access[0] ?? 0]?.name
    const found = type.enumerators.find(
      (enumerator) => essentialName(enumerator.name) === essentialName(wanted ?? ''),
    )
    if (found === undefined) return undefined
    return { value: relocation.kind === 'enumval_exists' ? 1n : BigInt.asUintN(64, found.value) }
  }

  #fieldAnswer(relocation: CoreRelocation, target: Btf, id: BtfTypeId): CoreAnswer | undefined {
    const local = followAccess(this.#local, relocation)
    const place = matchField(this.#local, local, target, id)
    if (place === undefined) return undefined
    if (relocation.kind === 'field_exists') return { value: 1n }
    const load = loadOf(target, place)
    const localLoad = loadOf(this.#local, local)
    if (load === undefined || localLoad === undefined) return undefined
    switch (relocation.kind) {
      case 'field_byte_offset': {
        const signed = isSigned(target, place.type) || isSigned(this.#local, local.type)
        const sizes =
          isScalar(target, place) && isScalar(this.#local, local)
            ? { field: { localSize: localLoad.size, targetSize: load.size, signed } }
            : {}
        return { value: BigInt(load.offset), ...sizes }
      }
      case 'field_byte_size':
        return { value: BigInt(load.size) }
      case 'field_signed':
        return { value: isSigned(target, place.type) ? 1n : 0n }
      case 'field_lshift_u64':
        // Little-endian: the field's highest bit moves to bit 63, then down again by rshift.
        return { value: BigInt(64 - (place.bitOffset + load.bits - load.offset * 8)) }
      case 'field_rshift_u64':
        return { value: BigInt(64 - load.bits) }
      default:
        return undefined
    }
  }

  #whenMissing(relocation: CoreRelocation): CoreAnswer | CoreMissing {
    switch (relocation.kind) {
      case 'field_exists':
      case 'type_exists':
      case 'type_matches':
      case 'type_size':
      case 'type_id_target':
      case 'enumval_exists':
        return { value: 0n }
      default:
        return { missing: this.describe(relocation) }
    }
  }
}

function sameKind(a: string, b: string): boolean {
  const enums = ['enum', 'enum64']
  return a === b || (enums.includes(a) && enums.includes(b))
}

/**
 * The load that gets a field: for a bit field, the smallest aligned one that holds all of it; `undefined` where a packed
 * one is spread over more than eight aligned bytes.
 */
function loadOf(
  btf: Btf,
  { type, bitOffset, bitfieldSize }: FieldPlace,
): { offset: number; size: number; bits: number } | undefined {
  if (bitfieldSize === 0) {
    const size = isSized(btf, type) ? btf.sizeOf(type) : 0
    return { offset: Math.floor(bitOffset / 8), size, bits: size * 8 }
  }
  for (let size = Math.max(1, btf.sizeOf(type)); size <= 8; size *= 2) {
    const offset = Math.floor(bitOffset / 8 / size) * size
    if (bitOffset + bitfieldSize <= (offset + size) * 8) return { offset, size, bits: bitfieldSize }
  }
  return undefined
}

function isSized(btf: Btf, id: BtfTypeId): boolean {
  const { kind } = btf.resolve(id).type
  return kind !== 'void' && kind !== 'fwd' && kind !== 'func' && kind !== 'func_proto'
}

/** Whether its load may change width: an integer, an enum or a pointer, and no bit field. */
function isScalar(btf: Btf, place: FieldPlace): boolean {
  const { kind } = btf.resolve(place.type).type
  return (
    place.bitfieldSize === 0 && (kind === 'int' || kind === 'ptr' || kind === 'enum' || kind === 'enum64')
  )
}

function isSigned(btf: Btf, id: BtfTypeId): boolean {
  const { type } = btf.resolve(id)
  return (type.kind === 'int' || type.kind === 'enum' || type.kind === 'enum64') && type.signed
}
