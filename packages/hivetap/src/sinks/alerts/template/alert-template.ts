import type { Alert } from '../../../detect/alert.js'
import { printableJson } from '../../../stream/printable.js'
import type { AlertField, FieldValue } from './alert-fields.js'
import { type Receiver, valueText } from './escapes.js'
import { quotedValues } from './json-places.js'
import { parseTemplate, TemplateError, type TemplatePart } from './parse-template.js'
import { SAMPLE_ALERTS } from './sample-alerts.js'

const START = { line: 1, column: 1 }

/** A template that was read, and found to be usable. */
export class AlertTemplate {
  readonly #parts: readonly TemplatePart[]
  /** Of JSON: values within a text. */
  readonly #quoted: ReadonlySet<TemplatePart> | undefined
  readonly #receiver: Receiver

  /**
   * @param json whether JSON is to come of it: then values are escaped for it, and what comes of it is looked at
   * @throws {TemplateError}
   */
  constructor(source: string, json: boolean, receiver: Receiver) {
    this.#parts = parseTemplate(source)
    this.#receiver = receiver
    this.#quoted = json ? quotedValues(this.#parts) : undefined
    for (const sample of SAMPLE_ALERTS) this.render(sample)
  }

  /** @throws {TemplateError} if no JSON comes of it, though it is to */
  render(alert: Alert): string {
    const text = this.#render(this.#parts, alert)
    if (this.#quoted === undefined) return text
    try {
      JSON.parse(text)
      return text
    } catch (error) {
      const { state, kind } = alert
      const why = error instanceof Error ? printableJson(error.message) : ''
      throw new TemplateError(START, `no JSON comes of it for an alert of ${kind} that is ${state}: ${why}`)
    }
  }

  #render(parts: readonly TemplatePart[], alert: Alert): string {
    return parts
      .map((part) => {
        if (part.kind === 'text') return part.text
        if (part.kind === 'value') return this.#value(part, part.field, alert)
        return isThere(part.field.of(alert)) === part.inverted ? '' : this.#render(part.parts, alert)
      })
      .join('')
  }

  #value(part: TemplatePart, field: AlertField, alert: Alert): string {
    const value = field.of(alert)
    if (field.json === true) return String(value)
    const text = valueText(value, this.#receiver)
    if (this.#quoted === undefined) return text
    if (this.#quoted.has(part)) return JSON.stringify(text).slice(1, -1)
    if (value === undefined) return 'null'
    return typeof value === 'string' ? JSON.stringify(text) : JSON.stringify(value)
  }
}

function isThere(value: FieldValue): boolean {
  return value !== undefined && value !== '' && value !== false && value !== 0
}
