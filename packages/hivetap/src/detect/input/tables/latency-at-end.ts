const SPACE = 0x20
const TAB = 0x09
const CARRIAGE_RETURN = 0x0d
const POINT = 0x2e
const ZERO = 0x30
/** More are not held exactly, and are left to who reads the whole row. */
const MOST_DIGITS = 15

/**
 * The number at the end of a line, found from its right end: of most rows nothing else is needed, if nothing but a fixed threshold
 * is asked for.
 *
 * @returns -1 if the line does not begin with a digit and end with a plain number
 */
export function numberAtEnd(bytes: Buffer, from: number, to: number): number {
  let begin = from
  while (begin < to && bytes[begin] === SPACE) begin++
  if (!isDigit(bytes[begin] as number)) return -1
  let at = to - 1
  while (at > begin && (bytes[at] === SPACE || bytes[at] === CARRIAGE_RETURN)) at--
  const end = at
  let value = 0
  let scale = 1
  let decimals = 1
  for (; at > begin; at--) {
    const byte = bytes[at] as number
    if (isDigit(byte)) {
      value += (byte - ZERO) * scale
      scale *= 10
    } else if (byte === POINT && decimals === 1 && scale > 1) decimals = scale
    else break
  }
  const byte = bytes[at]
  const digits = end - at
  return digits > 0 && digits <= MOST_DIGITS && bytes[at + 1] !== POINT && (byte === SPACE || byte === TAB)
    ? value / decimals
    : -1
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}
