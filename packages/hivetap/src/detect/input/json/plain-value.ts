const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word))

/**
 * Where a value ends that is passed over: a word of JSON, or a list of texts in plain ASCII. -1 for any other.
 *
 * @param at where it begins
 * @param to where its line ends
 */
export function endOfPlainValue(bytes: Buffer, at: number, to: number): number {
  if (bytes[at] === OPENING_BRACKET) return endOfTexts(bytes, at, to)
  for (const word of WORDS) {
    let length = 0
    while (length < word.length && bytes[at + length] === word[length]) length++
    if (length === word.length) return at + length
  }
  return -1
}

function endOfTexts(bytes: Buffer, from: number, to: number): number {
  if (bytes[from + 1] === CLOSING_BRACKET) return from + 2
  for (let at = from; at < to; ) {
    if (bytes[at + 1] !== QUOTE) return -1
    at += 2
    for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number)
      if (at >= to || byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return -1
    at++
    if (bytes[at] === CLOSING_BRACKET) return at + 1
    if (bytes[at] !== COMMA) return -1
  }
  return -1
}
