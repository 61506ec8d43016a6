// @ts-check
/**
 * Patterns of Java's for what stands in `cells` of a summary (docs/summaries.md), as text with a character for each byte. They are
 * made here since nobody could read them.
 */

/** A number: seven bits a byte, the lowest first; bytes from 128 on say that there is more of it. */
const NUMBER = '[\\x80-\\xFF]*[\\x00-\\x7F]'
/** Bits of a length: two bytes' worth of a number. Sketches of agents are shorter than 2^14 bytes. */
const BITS = 14
const BITS_A_BYTE = 7

/**
 * Finds one cell after the other: outcome, cause, how many have no latency, the length of the sketch, and as many bytes.
 *
 * A pattern cannot count, but it can tell bits: looking at the length's bytes, an empty group is captured for each bit that is
 * set; and behind them, of each group that was, as many bytes are taken as its bit is worth. `\G` is where the cell before ended, so
 * that nothing is found behind what cannot be read. Groups that take nothing back make it a single pass.
 */
export function cellPattern() {
  const bits = Array.from({ length: BITS }, (_, bit) => bit)
  const low = bits.slice(0, BITS_A_BYTE)
  const high = bits.slice(BITS_A_BYTE)
  // The second byte is there where the first one says so, and is the last.
  const length =
    `${low.map((bit) => captured(bit, 0, 256)).join('')}` +
    `(?:[\\x80-\\xFF]${high.map((bit) => captured(bit - BITS_A_BYTE, 0, 128)).join('')}[\\x00-\\x7F]|[\\x00-\\x7F])`
  const taken = bits.map((bit) => `(?>\\${bit + 1}.{${2 ** bit}}|(?!\\${bit + 1}))`).join('')
  return `(?s)\\G[\\x00-\\x08][\\x00-\\x04](?>${NUMBER})${length}${taken}`
}

/**
 * Captures an empty group if a bit of the next byte is set.
 *
 * @param {number} bit
 * @param {number} from
 * @param {number} to of all bytes, from which to before which may come
 */
function captured(bit, from, to) {
  const step = 2 ** bit
  let ranges = ''
  for (let start = from + step; start < to; start += 2 * step) ranges += range(start, start + step - 1)
  return `(?>(?=[${ranges}])()|)`
}

/**
 * @param {number} from
 * @param {number} to
 */
function range(from, to) {
  const hex = (/** @type {number} */ code) => `\\x${code.toString(16).padStart(2, '0').toUpperCase()}`
  return from === to ? hex(from) : `${hex(from)}-${hex(to)}`
}

/** Bytes of a number that are looked at: 35 bits. */
const BYTES = 5
const ALL_BYTES = Array.from({ length: 256 }, (_, code) => code.toString(16).padStart(2, '0'))
  .join('')
  .toUpperCase()

/**
 * SQL that says what number a text is: where each character stands among all there are is what its byte is.
 *
 * @param {string} column
 */
export function numberIn(column) {
  const terms = Array.from({ length: BYTES }, (_, at) => {
    const byte = `POSITION(SUBSTRING(${column}, ${at + 1}, 1) IN DECODE(X'${ALL_BYTES}', 'ISO-8859-1')) - 1`
    return `CASE WHEN CHAR_LENGTH(${column}) > ${at} THEN MOD(${byte}, 128) * CAST(${128 ** at} AS BIGINT) ELSE CAST(0 AS BIGINT) END`
  })
  return `(${terms.join('\n    + ')})`
}
