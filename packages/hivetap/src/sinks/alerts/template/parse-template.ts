import { didYouMean } from '../../../settings/near-match.js'
import { ALERT_FIELDS, type AlertField } from './alert-fields.js'

/** Bytes of a template at most. */
const MOST_TEMPLATE = 65_536
/** Values and conditions of a template at most: with the bound of a value, that of what comes of it. */
const MOST_TAGS = 64
const MOST_DEPTH = 8

/** A part of a template. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string; readonly field: AlertField; readonly at: Place }
  | {
      readonly kind: 'condition'
      readonly name: string
      readonly field: AlertField
      /** Whether its parts stand where the field is absent, empty or false; else where it is not. */
      readonly inverted: boolean
      readonly parts: readonly TemplatePart[]
      readonly at: Place
    }

/** Where something stands, counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A template that cannot be used. */
export class TemplateError extends Error {
  constructor(at: Place, message: string) {
    super(`template:${at.line}:${at.column}: ${message}`)
  }
}

interface Open {
  readonly name: string
  readonly at: Place
  readonly parts: TemplatePart[]
  readonly close: (parts: readonly TemplatePart[]) => TemplatePart
}

/**
 * Reads a template: text with `{{field}}` for a value, `{{#field}}…{{/field}}` for what stands only where there is one, and
 * `{{^field}}…{{/field}}` for what stands only where there is none. There are no loops, and nothing is run.
 *
 * @throws {TemplateError}
 */
export function parseTemplate(source: string): readonly TemplatePart[] {
  if (Buffer.byteLength(source) > MOST_TEMPLATE)
    throw new TemplateError({ line: 1, column: 1 }, `it has more than ${MOST_TEMPLATE} bytes`)
  const root: TemplatePart[] = []
  const open: Open[] = []
  const into = () => open.at(-1)?.parts ?? root
  let tags = 0
  let done = 0
  for (let from = source.indexOf('{{'); from >= 0; from = source.indexOf('{{', done)) {
    const at = placeOf(source, from)
    const to = source.indexOf('}}', from)
    if (to < 0) throw new TemplateError(at, '{{ without }}')
    if (++tags > MOST_TAGS * 2) throw new TemplateError(at, `more than ${MOST_TAGS} fields and conditions`)
    if (from > done) into().push({ kind: 'text', text: source.slice(done, from) })
    done = to + 2
    const [, sign = '', name = ''] = /^\s*([#^/]?)\s*(.*?)\s*$/s.exec(source.slice(from + 2, to)) ?? []
    if (sign === '/') {
      const ended = open.pop()
      if (ended === undefined) throw new TemplateError(at, `{{/${name}}} ends what has not begun`)
      if (ended.name !== name)
        throw new TemplateError(
          at,
          `{{/${name}}} stands where {{/${ended.name}}} should: it ends ${ended.name}`,
        )
      into().push(ended.close(ended.parts))
      continue
    }
    const field = fieldOf(name, at)
    if (sign === '') into().push({ kind: 'value', name, field, at })
    else {
      if (open.length === MOST_DEPTH)
        throw new TemplateError(at, `conditions stand in each other more than ${MOST_DEPTH} deep`)
      const inverted = sign === '^'
      const close = (parts: readonly TemplatePart[]): TemplatePart => ({
        kind: 'condition',
        ...{ name, field, inverted, parts, at },
      })
      open.push({ name, at, parts: [], close })
    }
  }
  const [unended] = open.slice(-1)
  if (unended !== undefined) throw new TemplateError(unended.at, `{{/${unended.name}}} is missing`)
  if (done < source.length) root.push({ kind: 'text', text: source.slice(done) })
  return root
}

function fieldOf(name: string, at: Place): AlertField {
  const field = Object.hasOwn(ALERT_FIELDS, name) ? ALERT_FIELDS[name] : undefined
  if (field !== undefined) return field
  const shown = JSON.stringify(name.slice(0, 40))
  throw new TemplateError(at, `there is no field ${shown}${didYouMean(name, Object.keys(ALERT_FIELDS))}`)
}

function placeOf(source: string, offset: number): Place {
  const before = source.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
