import { camelCase } from '../btf/names.js'
import { valueCodec } from '../btf/value-codec.js'
import { InvalidSpecError, NotFoundError } from '../errors.js'
import type { ObjectSpec, VariableSpec } from './object-spec.js'

/** A value for a constant: what its C type takes (value-codec.ts says how types are written). */
export type ConstantValue = number | bigint | boolean | string | Uint8Array | readonly ConstantValue[]

/** The object's constants by name: the variables of its read-only data sections. */
export function constantsOf(spec: ObjectSpec): ReadonlyMap<string, VariableSpec> {
  const constants = new Map<string, VariableSpec>()
  for (const data of spec.data.values()) {
    if (data.readOnly) for (const variable of data.variables.values()) constants.set(variable.name, variable)
  }
  return constants
}

/**
 * Gives a constant of the object (`const volatile` in C) its value for this load.
 *
 * @param name as in C, or in camelCase
 * @throws {NotFoundError} if the object has no such constant
 * @throws {InvalidSpecError} if the value does not fit its type
 */
export function setConstant(spec: ObjectSpec, name: string, value: ConstantValue): void {
  const constants = constantsOf(spec)
  const variable =
    constants.get(name) ?? [...constants.values()].find((candidate) => camelCase(candidate.name) === name)
  if (variable === undefined || spec.btf === undefined) {
    throw new NotFoundError(
      `Cannot set constant ${name}: the object has ${[...constants.keys()].join(', ') || 'none'}`,
    )
  }
  const bytes = spec.data.get(variable.section)?.bytes
  if (bytes === undefined)
    throw new NotFoundError(`Cannot set constant ${name}: its section ${variable.section} is gone`)
  try {
    const codec = valueCodec(spec.btf, variable.type)
    if (codec.size > variable.size || variable.offset + codec.size > bytes.byteLength)
      throw new InvalidSpecError(`its type takes ${codec.size} bytes, and its place is ${variable.size}`)
    // Beside, so that a value refused halfway leaves it as it was.
    const place = bytes.slice(variable.offset, variable.offset + codec.size)
    codec.write(new DataView(place.buffer), 0, value)
    bytes.set(place, variable.offset)
  } catch (cause) {
    throw new InvalidSpecError(
      `Cannot set constant ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

/** Reads constant data as `foldConstants` wants it: little-endian, `undefined` outside of constants. */
export function constantReader(
  spec: ObjectSpec,
): (section: string, offset: number, size: number) => bigint | undefined {
  return (section, offset, size) => {
    const data = spec.data.get(section)
    if (data?.readOnly !== true || offset < 0 || offset + size > data.bytes.byteLength) return undefined
    let value = 0n
    for (let index = size - 1; index >= 0; index--)
      value = (value << 8n) | BigInt(data.bytes[offset + index] ?? 0)
    return value
  }
}
