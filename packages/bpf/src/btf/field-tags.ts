import type { Btf } from './btf.js'
import type { BtfTypeId } from './btf-type.js'

/**
 * What the C source says about a struct or a field beyond its type, by `btf_decl_tag` attributes (clang ≥ 14). The
 * macros are in include/hivetap/event.h.
 */
export interface FieldTags {
  /** What it is: a sentence for people. `doc:…` */
  readonly doc: string | undefined
  /** A 64-bit integer that never passes 2^53, and is a number in TypeScript instead of a bigint. `number` */
  readonly asNumber: boolean
  /** Sixteen bytes that are an IP address, of the family that the named field holds. `ip:<field>` */
  readonly ipFamily: string | undefined
  /** A field that may be left out, when it has its zero: `optional` */
  readonly optional: boolean
  /** An array that ends a record, of which a record holds as much as its parts take: `parts:<part> <part> …` */
  readonly parts: string | undefined
  /** What is said of the parts: `part:<name>: …` */
  readonly partDocs: readonly string[]
}

/** The tags of a BTF's types, found in one pass. */
export class FieldTagIndex {
  readonly #tags = new Map<string, string[]>()

  constructor(btf: Btf) {
    for (const [, type] of btf.types()) {
      if (type.kind !== 'decl_tag') continue
      const key = `${type.type}:${type.component}`
      const texts = this.#tags.get(key)
      if (texts === undefined) this.#tags.set(key, [type.name])
      else texts.push(type.name)
    }
  }

  /** The tags of a type (component −1) or of one of its members. */
  of(id: BtfTypeId, component = -1): FieldTags {
    const texts = this.#tags.get(`${id}:${component}`) ?? []
    const after = (prefix: string) => texts.find((text) => text.startsWith(prefix))?.slice(prefix.length)
    return {
      doc: after('doc:'),
      asNumber: texts.includes('number'),
      ipFamily: after('ip:'),
      optional: texts.includes('optional'),
      parts: after('parts:'),
      partDocs: texts.filter((text) => text.startsWith('part:')).map((text) => text.slice('part:'.length)),
    }
  }
}
