import type { ProcessIdentity } from '../identity/process/process-identity.js'
import type { EventIdentity, SourceIdentity } from '../kubernetes/event-identity.js'
import {
  FAR_END_FIELDS,
  type IdentityField,
  PROCESS_FIELDS,
  SOURCE_FIELDS,
} from '../kubernetes/identity-fields.js'
import { jsonValue } from './json-value.js'

/**
 * Whose an event is, as it stands in a line behind the tool’s own fields. The texts of a process and of a source are made
 * once, and go when they do.
 */
export class IdentityJson {
  readonly #processes = new TextsOf<ProcessIdentity>(PROCESS_FIELDS)
  readonly #sources = new TextsOf<SourceIdentity>(SOURCE_FIELDS)

  /** `,"k8s_pod":"checkout-…"`, or nothing. */
  text({ process, source, farEnd }: EventIdentity): string {
    const text = this.#processes.text(process) + this.#sources.text(source)
    return farEnd === undefined ? text : text + textOf(FAR_END_FIELDS, farEnd)
  }
}

/** The texts of things that are told again and again. */
class TextsOf<T extends object> {
  readonly #fields: readonly IdentityField<T>[]
  readonly #texts = new WeakMap<T, string>()

  constructor(fields: readonly IdentityField<T>[]) {
    this.#fields = fields
  }

  text(of: T | undefined): string {
    if (of === undefined) return ''
    let text = this.#texts.get(of)
    if (text === undefined) {
      text = textOf(this.#fields, of)
      this.#texts.set(of, text)
    }
    return text
  }
}

function textOf<T>(fields: readonly IdentityField<T>[], of: T): string {
  let text = ''
  for (const { name, value } of fields) {
    const told = value(of)
    if (told !== undefined) text += `,"${name}":${jsonValue(told)}`
  }
  return text
}
