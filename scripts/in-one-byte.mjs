// @ts-check

/**
 * The same code, of characters that take one byte each. Node keeps the source of what it runs for as long as it runs, and a single
 * `…` in it has V8 take two bytes for each of its characters: of an agent's, a megabyte.
 *
 * @param {string} code JavaScript
 * @throws {Error} if the same cannot be written so
 */
export function inOneByte(code) {
  const wide = /[^\0-\xff]/g
  if (!wide.test(code)) return code
  if (code.includes('String.raw'))
    throw new Error('Cannot write code in one byte a character: within String.raw an escape is no character.')
  // In a text, a template or an expression the escape is the character; elsewhere there are none but in comments.
  return code.replace(wide, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
