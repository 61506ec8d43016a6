/**
 * What a terminal would act on instead of showing: the control characters of C0 and C1, DEL, the line and paragraph
 * separators, and the marks that turn the direction of text.
 */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The text with a `?` for each character that a terminal would act on: names of processes are written by anyone. */
export function printable(text: string): string {
  return isPlain(text) ? text : text.replace(UNPRINTABLE, '?')
}

/** A JSON string in which those characters are escaped too, so that the line can be shown on a terminal. */
export function jsonString(text: string): string {
  const json = JSON.stringify(text)
  if (isPlain(text)) return json
  return json.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Whether it is printable ASCII throughout, as nearly all names are. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}
