import { allocate, type Memory } from './memory.js'

/** Where a member of a kernel struct lies: bytes, or bits from a bit of a byte on. */
export type FieldLayout =
  | { readonly offset: number; readonly size: number }
  | { readonly offset: number; readonly bit: number; readonly bits: number }

/** A kernel struct, as abi.generated.ts has it. */
export interface StructLayout {
  readonly size: number
  readonly fields: Readonly<Record<string, FieldLayout>>
}

/** What can be put into a member: a number; text or bytes in place, if the member is an array; the address of memory. */
export type FieldValue = number | bigint | string | Uint8Array | Memory | undefined

/** A struct's members by name; those that are not given are 0. */
export type FieldValues<L extends StructLayout> = { readonly [K in keyof L['fields']]?: FieldValue }

/**
 * Lays a kernel struct out in memory. The memory that a value points to must be held until the call is over: it is kept
 * by the result.
 */
export function packStruct<L extends StructLayout>(
  layout: L,
  values: FieldValues<L>,
): Memory & { readonly holds: unknown } {
  const memory = allocate(layout.size)
  for (const [name, value] of Object.entries(values) as [string, FieldValue][]) {
    const field = layout.fields[name]
    if (field !== undefined && value !== undefined) putField(memory, field, value)
  }
  return { ...memory, holds: values }
}

function putField(memory: Memory, field: FieldLayout, value: Exclude<FieldValue, undefined>): void {
  if ('bit' in field) {
    putBits(memory, field, BigInt(Number(value)))
    return
  }
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
    memory.bytes.set(bytes.subarray(0, field.size), field.offset)
    return
  }
  const number = typeof value === 'object' ? value.address : BigInt(value)
  switch (field.size) {
    case 1:
      memory.view.setUint8(field.offset, Number(BigInt.asUintN(8, number)))
      break
    case 2:
      memory.view.setUint16(field.offset, Number(BigInt.asUintN(16, number)), true)
      break
    case 4:
      memory.view.setUint32(field.offset, Number(BigInt.asUintN(32, number)), true)
      break
    default:
      memory.view.setBigUint64(field.offset, BigInt.asUintN(64, number), true)
  }
}

/** Bits are counted from the least significant of the first byte; they may go on into the bytes behind it. */
function putBits(
  memory: Memory,
  { offset, bit, bits }: { readonly offset: number; readonly bit: number; readonly bits: number },
  value: bigint,
): void {
  let rest = BigInt.asUintN(bits, value) << BigInt(bit)
  for (let at = offset; rest > 0n; at++) {
    memory.view.setUint8(at, memory.view.getUint8(at) | Number(rest & 0xffn))
    rest >>= 8n
  }
}

/** Reads a member of up to 64 bits of a struct in memory, as a number. */
export function readField<L extends StructLayout>(
  layout: L,
  memory: Memory,
  name: keyof L['fields'] & string,
): number {
  const field = layout.fields[name]
  if (field === undefined || 'bit' in field) return 0
  switch (field.size) {
    case 1:
      return memory.view.getUint8(field.offset)
    case 2:
      return memory.view.getUint16(field.offset, true)
    case 4:
      return memory.view.getUint32(field.offset, true)
    default:
      return Number(memory.view.getBigUint64(field.offset, true))
  }
}
