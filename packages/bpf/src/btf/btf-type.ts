/**
 * The kinds of BTF, as values. Layout and meaning: the kernel's Documentation/bpf/btf.rst and
 * include/uapi/linux/btf.h; a kind's comment names the Linux that first took it.
 */

/** A type's number within its BTF; 0 is `void`. */
export type BtfTypeId = number

/** A member of a struct or a union. */
export interface BtfMember {
  /** Empty for an anonymous struct or union within. */
  readonly name: string
  readonly type: BtfTypeId
  readonly bitOffset: number
  /** Width in bits of a bit field; 0 for every other member. */
  readonly bitfieldSize: number
}

/** A name and a value of an enum. Values beyond 32 bits occur only in `enum64`. */
export interface BtfEnumerator {
  readonly name: string
  readonly value: bigint
}

export interface BtfParameter {
  readonly name: string
  readonly type: BtfTypeId
}

/** Where a variable lies in its section. */
export interface BtfSectionVariable {
  readonly type: BtfTypeId
  readonly offset: number
  readonly size: number
}

export type BtfVoid = { readonly kind: 'void' }
export type BtfInt = {
  readonly kind: 'int'
  readonly name: string
  /** Bytes that it takes. */
  readonly size: number
  readonly bits: number
  readonly bitOffset: number
  readonly signed: boolean
  readonly char: boolean
  readonly bool: boolean
}
export type BtfPointer = { readonly kind: 'ptr'; readonly type: BtfTypeId }
export type BtfArray = {
  readonly kind: 'array'
  readonly element: BtfTypeId
  readonly index: BtfTypeId
  readonly length: number
}
export type BtfComposite = {
  readonly kind: 'struct' | 'union'
  readonly name: string
  readonly size: number
  readonly members: readonly BtfMember[]
}
export type BtfEnum = {
  /** `enum64`: Linux 6.0. */
  readonly kind: 'enum' | 'enum64'
  readonly name: string
  readonly size: number
  readonly signed: boolean
  readonly enumerators: readonly BtfEnumerator[]
}
export type BtfForward = { readonly kind: 'fwd'; readonly name: string; readonly union: boolean }
export type BtfTypedef = { readonly kind: 'typedef'; readonly name: string; readonly type: BtfTypeId }
export type BtfModifier = { readonly kind: 'volatile' | 'const' | 'restrict'; readonly type: BtfTypeId }
/** Linux 5.0. `global` linkage: 5.6. */
export type BtfFunction = {
  readonly kind: 'func'
  readonly name: string
  readonly type: BtfTypeId
  readonly linkage: 'static' | 'global' | 'extern'
}
/** Linux 5.0. */
export type BtfFunctionPrototype = {
  readonly kind: 'func_proto'
  readonly returns: BtfTypeId
  /** A variadic function's last parameter has no name and type 0. */
  readonly parameters: readonly BtfParameter[]
}
/** Linux 5.2. */
export type BtfVariable = {
  readonly kind: 'var'
  readonly name: string
  readonly type: BtfTypeId
  readonly linkage: 'static' | 'global' | 'extern'
}
/** Linux 5.2. */
export type BtfDataSection = {
  readonly kind: 'datasec'
  readonly name: string
  readonly size: number
  readonly variables: readonly BtfSectionVariable[]
}
/** Linux 5.13. */
export type BtfFloat = { readonly kind: 'float'; readonly name: string; readonly size: number }
/** Linux 5.16. */
export type BtfDeclTag = {
  readonly kind: 'decl_tag'
  readonly name: string
  readonly type: BtfTypeId
  /** The member or parameter that it is on; −1 for the whole type. */
  readonly component: number
}
/** Linux 5.17. */
export type BtfTypeTag = { readonly kind: 'type_tag'; readonly name: string; readonly type: BtfTypeId }

export type BtfType =
  | BtfVoid
  | BtfInt
  | BtfPointer
  | BtfArray
  | BtfComposite
  | BtfEnum
  | BtfForward
  | BtfTypedef
  | BtfModifier
  | BtfFunction
  | BtfFunctionPrototype
  | BtfVariable
  | BtfDataSection
  | BtfFloat
  | BtfDeclTag
  | BtfTypeTag

export type BtfKind = BtfType['kind']

/** The type of a kind: what `find('struct', …)` gives. */
export type BtfTypeOf<K extends BtfKind> = BtfType extends infer T
  ? T extends { readonly kind: infer Q }
    ? K extends Q
      ? T
      : never
    : never
  : never

/** BTF_KIND_* in the order of their numbers. */
export const BTF_KINDS = [
  'void',
  'int',
  'ptr',
  'array',
  'struct',
  'union',
  'enum',
  'fwd',
  'typedef',
  'volatile',
  'const',
  'restrict',
  'func',
  'func_proto',
  'var',
  'datasec',
  'float',
  'decl_tag',
  'type_tag',
  'enum64',
] as const satisfies readonly BtfKind[]

/** The numbers of linkage, for functions and variables alike. */
export const BTF_LINKAGES = ['static', 'global', 'extern'] as const

/** The name that a type has, empty where it has none. */
export function btfTypeName(type: BtfType): string {
  return 'name' in type ? type.name : ''
}
