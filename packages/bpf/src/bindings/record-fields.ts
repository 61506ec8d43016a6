import { InvalidSpecError } from '../errors.js'
import { formatIpAddress } from './ip-address.js'
import { TextCache, textOf, textsOf } from './text-cache.js'

/** What generated decoders call for the fields that are more than a number. */

const names = new TextCache((bytes) => textOf(bytes))
const addresses = new TextCache(formatIpAddress)

/** A 64-bit unsigned integer below 2^53 as a number: two halves cost a tenth of a bigint. */
export function readUint53(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000
}

/** A 64-bit signed integer within ±2^53 as a number. */
export function readInt53(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getInt32(offset + 4, true) * 0x1_0000_0000
}

/** A `char` array up to its first NUL. */
export function readText(view: DataView, offset: number, size: number): string {
  if (size === 16) return names.get(view, offset, 0)
  if (size === 0) return ''
  return textOf(new Uint8Array(view.buffer, view.byteOffset + offset, size))
}

/** Texts one behind the other, each ended by a NUL, as in /proc/PID/cmdline; the last may be ended by the end. */
export function readTexts(view: DataView, offset: number, size: number): string[] {
  // A part that is not there, as most records have one: to decode nothing costs as much as to decode something.
  if (size === 0) return []
  return textsOf(new Uint8Array(view.buffer, view.byteOffset + offset, size))
}

/** A copy of some bytes. */
export function readBytes(view: DataView, offset: number, size: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, size).slice()
}

/** Sixteen bytes that hold an IP address, of the version given (4 or 6), as text. */
export function readIpAddress(view: DataView, offset: number, version: number): string {
  return addresses.get(view, offset, version)
}

/** Several elements of one type. */
export function readArray<T>(length: number, read: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => read(index))
}

/** Writes several elements of one type. Throws if they are another number than belongs there. */
export function writeArray<T>(
  length: number,
  items: readonly T[],
  write: (item: T, index: number) => void,
): void {
  if (items.length !== length)
    throw new InvalidSpecError(`Cannot write ${items.length} elements where ${length} belong`)
  items.forEach(write)
}

/** Writes text into a `char` array, the rest of it NUL. Throws if it is too long. */
export function writeText(view: DataView, offset: number, size: number, text: string): void {
  const bytes = new TextEncoder().encode(text)
  if (bytes.byteLength > size)
    throw new InvalidSpecError(`Cannot write ${JSON.stringify(text)}: it is longer than ${size} bytes`)
  const place = new Uint8Array(view.buffer, view.byteOffset + offset, size)
  place.fill(0)
  place.set(bytes)
}

/** Writes bytes, as many as belong there. Throws if they are another number. */
export function writeBytes(view: DataView, offset: number, size: number, bytes: Uint8Array): void {
  if (bytes.byteLength !== size)
    throw new InvalidSpecError(`Cannot write ${bytes.byteLength} bytes where ${size} belong`)
  new Uint8Array(view.buffer, view.byteOffset + offset, size).set(bytes)
}

/** The label of an enum's value; a number that the enum does not name is given as its digits. */
export function readEnum<T extends string>(labels: readonly T[], value: number): T {
  return labels[value] ?? (String(value) as T)
}

/** The value of an enum's label. Throws if the enum does not have it. */
export function writeEnum<T extends string>(labels: readonly T[], label: T): number {
  const value = labels.indexOf(label)
  if (value < 0)
    throw new InvalidSpecError(`Cannot write ${JSON.stringify(label)}: it is none of ${labels.join(', ')}`)
  return value
}
