import { camelCase } from '../btf/names.js'
import { InvalidSpecError } from '../errors.js'
import { IdentifierScope } from './typescript-text.js'

/** How deep structs and arrays may be nested. */
export const MAX_DEPTH = 32
/** How many parts the end of a record may have. */
export const MAX_PARTS = 32

/** The variables of an array within `depth` others. */
export function indexName(depth: number): string {
  return depth === 0 ? 'index' : `index${depth + 1}`
}
export function itemName(depth: number): string {
  return depth === 0 ? 'item' : `item${depth + 1}`
}

/** The variable that holds where a part ends, counted from 1. */
export function endName(part: number): string {
  return `end${part}`
}

/** Names that the text uses besides those that it declares: what it imports, and the variables of its functions. */
const USED_NAMES = [
  'bindConstants bindMap bindObject bindPerCpuMap bindRecords bytesCodec Codec Decoder RecordDecoder',
  'readArray readBytes readEnum readInt53 readIpAddress readText readTexts readUint53',
  'writeArray writeBytes writeEnum writeText',
  's8 s16 s32 s64 u8 u16 u32 u64 view at value length',
  ...Array.from({ length: MAX_DEPTH + 2 }, (_, depth) => `${indexName(depth)} ${itemName(depth)}`),
  ...Array.from({ length: MAX_PARTS }, (_, part) => endName(part + 1)),
].flatMap((names) => names.split(' '))

/** What all that writes into one file of TypeScript shares: its imports, the names it declares, how it is refused. */
export class GeneratedFile {
  readonly scope = new IdentifierScope(USED_NAMES)
  readonly #name: string
  readonly #imports = new Set<string>(['bindConstants', 'bindObject'])

  /** @param name the object file's */
  constructor(name: string) {
    this.#name = name
  }

  /** Names of @hivetap/bpf that the text uses, as an import has them. */
  get imports(): readonly string[] {
    return [...this.#imports].sort((a, b) => a.replace('type ', '').localeCompare(b.replace('type ', '')))
  }

  /** Has a function or value imported. */
  use(name: string): string {
    this.#imports.add(name)
    return name
  }

  /** Has a type imported. */
  useType(name: string): string {
    this.#imports.add(`type ${name}`)
    return name
  }

  fail(why: string): InvalidSpecError {
    return new InvalidSpecError(`Cannot generate bindings for ${this.#name}: ${why}`)
  }

  /** @throws {InvalidSpecError} if two things would get one name here */
  checkDistinct(what: string, things: readonly { readonly name: string }[]): void {
    const names = new Map<string, string>()
    for (const { name } of things) {
      const property = camelCase(name)
      const other = names.get(property)
      if (other !== undefined)
        throw this.fail(`the ${what} ${other} and ${name} would both be called ${property}`)
      names.set(property, name)
    }
  }
}
