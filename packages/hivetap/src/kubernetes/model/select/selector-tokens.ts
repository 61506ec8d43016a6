/** A sign of the grammar, a word, or the end. */
export interface SelectorToken {
  readonly kind: '=' | '==' | '!=' | '!' | '(' | ')' | ',' | '<' | '>' | 'word' | 'end'
  readonly text: string
  /** Where it begins, in characters from zero. */
  readonly at: number
}

const SIGNS = ['==', '!=', '=', '!', '(', ')', ',', '<', '>'] as const
const SPACE = /[ \t\r\n]*/y
const WORD = /[^=!(),<> \t\r\n]+/y

/** The longest sign that fits is taken, and all else up to the next sign or space is a word. */
export function selectorTokens(text: string): readonly SelectorToken[] {
  const tokens: SelectorToken[] = []
  let at = skip(text, 0)
  while (at < text.length) {
    const from = at
    const sign = SIGNS.find((each) => text.startsWith(each, from))
    const word = sign ?? match(WORD, text, at)
    tokens.push({ kind: sign ?? 'word', text: word, at })
    at = skip(text, at + word.length)
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }]
}

function skip(text: string, at: number): number {
  return at + match(SPACE, text, at).length
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
