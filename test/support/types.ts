import type { BtfBuilder } from '../../packages/bpf/src/btf/btf-builder.js'
import type { BtfMember, BtfTypeId } from '../../packages/bpf/src/btf/btf-type.js'

/** Adds an integer. */
export function addInt(btf: BtfBuilder, name: string, size: number, signed = false): BtfTypeId {
  return btf.add({ kind: 'int', name, size, bits: size * 8, bitOffset: 0, signed, char: false, bool: false })
}

/** A member that is no bit field, at an offset in bytes. */
export function member(name: string, type: BtfTypeId, offset = 0): BtfMember {
  return { name, type, bitOffset: offset * 8, bitfieldSize: 0 }
}

/** Adds a struct. */
export function addStruct(
  btf: BtfBuilder,
  name: string,
  size: number,
  members: readonly BtfMember[],
): BtfTypeId {
  return btf.add({ kind: 'struct', name, size, members })
}
