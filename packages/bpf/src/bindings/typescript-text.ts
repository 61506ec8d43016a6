/**
 * TypeScript as text, from names and sentences that anyone may have written: what they hold stays within its quotes,
 * its comment, its identifier.
 */

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/
/** What ends a line, changes how others are shown, or is not seen itself: by Unicode's categories (UAX #44). */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/** A string as a literal. */
export function quote(text: string): string {
  const literal = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${literal.replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)}'`
}

/** A text that stands in a comment, of a line or of a block. */
export function commentText(text: string): string {
  return text.replace(INVISIBLE, ' ').replaceAll('*/', '*\\/')
}

/** A name where a property is declared: in quotes if it has to be. */
export function propertyKey(name: string): string {
  return IDENTIFIER.test(name) ? name : quote(name)
}

/** A property of an expression. */
export function propertyOf(expression: string, name: string): string {
  return IDENTIFIER.test(name) ? `${expression}.${name}` : `${expression}[${quote(name)}]`
}

/** Words that name nothing: those of the language, and globals that generated code uses. */
const RESERVED = new Set(
  [
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends',
    'false finally for function if implements import in instanceof interface let new null package private protected',
    'public return static super switch this throw true try typeof undefined var void while with yield',
    'any bigint boolean never number object string symbol unknown Array BigInt DataView Uint8Array URL',
  ]
    .join(' ')
    .split(' '),
)

/** The names that a file declares, each once. */
export class IdentifierScope {
  readonly #taken: Set<string>

  /** @param taken names that are there already */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken)
  }

  /**
   * Names that go together, as near as can be to those that are wanted: where one cannot be had, all get an underscore.
   *
   * @param wanted what they would be called, given what to put behind
   */
  take(wanted: (suffix: string) => readonly string[]): string[] {
    for (let suffix = ''; ; suffix += '_') {
      const names = wanted(suffix).map(identifier)
      if (names.some((name) => RESERVED.has(name) || this.#taken.has(name))) continue
      for (const name of names) this.#taken.add(name)
      return names
    }
  }
}

function identifier(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_$]/g, '_')
  return IDENTIFIER.test(name) ? name : `_${name}`
}
