/**
 * What a terminal acts on instead of showing, and what shows nothing, by Unicode's categories (UAX #44): controls, ends of
 * lines, marks that turn text around, halves of surrogate pairs, characters that are drawn as nothing.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/**
 * A line as a terminal may have it: names in an object file are written by anyone, and their control characters are
 * shown as escapes, `\u{1b}`.
 */
export function printableLine(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
