/**
 * What a terminal would act on instead of showing, and what shows nothing: two names that look alike are to be alike. By
 * general category, and by the property that Unicode has for it (UAX #44):
 *
 * - Cc: the control characters of C0 and C1, DEL.
 * - Zl, Zp: the line and paragraph separators, at which some programs break a line.
 * - Cf: marks that turn the direction of text (Trojan Source, CVE-2021-42574), zero-width space and joiners, the byte
 *   order mark, annotations, tags. A joiner has its use in Persian, and in emoji; to tell names apart matters more here.
 * - Default_Ignorable_Code_Point: what else is drawn as nothing: variation selectors, fillers of Hangul.
 * - Cs: halves of a surrogate pair without the other, which are no characters.
 *
 * Marks that stand above or below a letter stay: in many scripts a name cannot be written without them.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The text with a `?` for each such character: names of processes are written by anyone. As many characters as before:
 * columns stay where they are.
 */
export function printable(text: string): string {
  return isPlain(text) ? text : text.replace(UNPRINTABLE, '?')
}

/** Text of several lines, made printable; its line ends stay. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) => (character === '\n' ? character : '?'))
}

/** A JSON string in which those characters are escaped, so that the line can be shown on a terminal. */
export function jsonString(text: string): string {
  // Nearly all texts stand in JSON as they are: to look costs less than to have them escaped.
  return isPlain(text, QUOTE, BACKSLASH) ? `"${text}"` : printableJson(JSON.stringify(text))
}

/** A JSON text in which those characters are escaped: the same value. Line ends between its parts stay. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) => (character === '\n' ? character : escaped(character)))
}

/** `\u202e`; a pair of them beyond U+FFFF. */
function escaped(character: string): string {
  let json = ''
  for (let index = 0; index < character.length; index++)
    json += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  return json
}

/** Whether it is printable ASCII throughout, as nearly all names are, without two characters that are no good. */
function isPlain(text: string, no?: number, nor?: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code > 0x7e || code === no || code === nor) return false
  }
  return true
}
