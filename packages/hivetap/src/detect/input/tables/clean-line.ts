const ESCAPE = 0x1b
/** Sequences that begin with ESC: colours and what else moves a terminal (ECMA-48), and titles. Bounded by the line's end. */
const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g
const CARRIAGE_RETURN = 0x0d

/**
 * The text of a line: without what only a terminal acts on, without NUL (a log that was cut to nothing under its writer begins
 * with them), and without the carriage return at its end. Tabs stay.
 */
export function cleanLine(bytes: Buffer, from: number, to: number): string {
  let isAscii = true
  let isClean = true
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number
    if (byte >= 0x80) isAscii = false
    else if (byte === 0 || byte === ESCAPE || byte === CARRIAGE_RETURN) isClean = false
  }
  const text = bytes.toString(isAscii ? 'latin1' : 'utf8', from, to)
  return isClean ? text : withoutReturns(text.replace(SEQUENCES, '').replaceAll('\0', ''))
}

/** One by one: a pattern would begin anew at each of many that stand within a line. */
function withoutReturns(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === CARRIAGE_RETURN) end--
  return text.slice(0, end)
}
