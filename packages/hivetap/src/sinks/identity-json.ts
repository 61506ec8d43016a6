import type { EventIdentity, SourceIdentity } from '../kubernetes/event-identity.js'
import { FAR_END_FIELDS, type IdentityField, SOURCE_FIELDS } from '../kubernetes/identity-fields.js'
import { jsonValue } from './json-value.js'

/**
 * Whose an event is, as it stands in a line behind the tool’s own fields. The text of a source is made once, and goes when it
 * does.
 */
export class IdentityJson {
  readonly #sources = new WeakMap<SourceIdentity, string>()

  /** `,"k8s_pod":"checkout-…"`, or nothing. */
  text({ source, farEnd }: EventIdentity): string {
    const sourceText = source === undefined ? '' : this.#sourceText(source)
    return farEnd === undefined ? sourceText : sourceText + textOf(FAR_END_FIELDS, farEnd)
  }

  #sourceText(source: SourceIdentity): string {
    let text = this.#sources.get(source)
    if (text === undefined) {
      text = textOf(SOURCE_FIELDS, source)
      this.#sources.set(source, text)
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
