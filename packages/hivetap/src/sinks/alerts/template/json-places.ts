import { TemplateError, type TemplatePart } from './parse-template.js'

/** Where in JSON something stands: within a text, and whether behind a `\`. */
interface State {
  readonly quoted: boolean
  readonly escaped: boolean
}

/**
 * The values of a template of JSON that stand within a text: they are escaped otherwise than those that are a value by
 * themselves. That holds whatever conditions hold, since each ends where it began: in a text, or in none.
 *
 * @throws {TemplateError}
 */
export function quotedValues(parts: readonly TemplatePart[]): ReadonlySet<TemplatePart> {
  const quoted = new Set<TemplatePart>()
  walk(parts, { quoted: false, escaped: false }, quoted)
  return quoted
}

function walk(parts: readonly TemplatePart[], begin: State, quoted: Set<TemplatePart>): State {
  let state = begin
  for (const part of parts) {
    if (part.kind === 'text') {
      state = read(part.text, state)
      continue
    }
    if (state.escaped) throw new TemplateError(part.at, `{{${part.name}}} stands behind a \\`)
    if (part.kind === 'condition') {
      const end = walk(part.parts, state, quoted)
      if (end.quoted !== state.quoted || end.escaped)
        throw new TemplateError(
          part.at,
          `what stands in {{#${part.name}}} begins or ends a text, and not both`,
        )
    } else if (state.quoted) {
      if (part.field.json === true)
        throw new TemplateError(
          part.at,
          `{{${part.name}}} is an object: it stands in no text, so leave out the quotes`,
        )
      quoted.add(part)
    }
  }
  return state
}

function read(text: string, begin: State): State {
  let { quoted, escaped } = begin
  for (const character of text) {
    if (escaped) escaped = false
    else if (character === '\\' && quoted) escaped = true
    else if (character === '"') quoted = !quoted
  }
  return { quoted, escaped }
}
