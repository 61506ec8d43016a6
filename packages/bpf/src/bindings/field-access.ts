import type { BtfInt } from '../btf/btf-type.js'
import type { GeneratedFile } from './generated-file.js'

/**
 * How a value of a type is read and written, as source text. `at` is where it lies, `depth` how many arrays it is in.
 */
export interface Access {
  readonly type: string
  readonly read: (at: string, depth: number) => string
  readonly write: (at: string, value: string, depth: number) => string
  /** The list of an enum's labels. */
  readonly labels?: string
}

export const isPlainSize = (size: number): boolean => [1, 2, 4, 8].includes(size)
/** `char` is text; `__u8` and `unsigned char` are bytes. Compilers mark neither, so the name decides. */
export const isText = (type: BtfInt): boolean => type.char || type.name === 'char'

/** What `setConstant` takes for a number of a size. */
export function numberType(size: number): string {
  if (size === 8) return 'number | bigint'
  return isPlainSize(size) ? 'number' : 'Uint8Array'
}

export const BOOLEAN_ACCESS: Access = {
  type: 'boolean',
  read: (at) => `view.getUint8(${at}) !== 0`,
  write: (at, value) => `view.setUint8(${at}, ${value} ? 1 : 0)`,
}

/** An integer of any size; of those that TypeScript has no number for, the bytes. */
export function integerAccess(file: GeneratedFile, size: number, signed: boolean, asNumber: boolean): Access {
  const kind = signed ? 'Int' : 'Uint'
  if (size === 1) {
    return {
      type: 'number',
      read: (at) => `view.get${kind}8(${at})`,
      write: (at, value) => `view.set${kind}8(${at}, ${value})`,
    }
  }
  if (size === 8) {
    const write = (at: string, value: string) => `view.setBig${kind}64(${at}, ${value}, true)`
    if (!asNumber) return { type: 'bigint', read: (at) => `view.getBig${kind}64(${at}, true)`, write }
    return {
      type: 'number',
      read: (at) => `${file.use(`read${kind}53`)}(view, ${at})`,
      write: (at, value) => write(at, `BigInt(${value})`),
    }
  }
  if (size !== 2 && size !== 4) return bytesAccess(file, size)
  return {
    type: 'number',
    read: (at) => `view.get${kind}${size * 8}(${at}, true)`,
    write: (at, value) => `view.set${kind}${size * 8}(${at}, ${value}, true)`,
  }
}

/** A `char` array. */
export function textAccess(file: GeneratedFile, size: number): Access {
  return {
    type: 'string',
    read: (at) => `${file.use('readText')}(view, ${at}, ${size})`,
    write: (at, value) => `${file.use('writeText')}(view, ${at}, ${size}, ${value})`,
  }
}

/** What has no other type here. */
export function bytesAccess(file: GeneratedFile, size: number): Access {
  return {
    type: 'Uint8Array',
    read: (at) => `${file.use('readBytes')}(view, ${at}, ${size})`,
    write: (at, value) => `${file.use('writeBytes')}(view, ${at}, ${size}, ${value})`,
  }
}
