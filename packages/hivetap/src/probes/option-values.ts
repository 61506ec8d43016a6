/** Readers of option values: each gives the value, or throws an `Error` that says what is wrong with the text. */

/** `80`, `0.5` and `.5`. */
function decimal(text: string, what: string): number {
  if (!/^(\d+(\.\d+)?|\.\d+)$/.test(text)) throw new Error(`${what} is a number, not ${JSON.stringify(text)}`)
  return Number(text)
}

function integer(text: string, what: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most))
    throw new Error(`${what} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`)
  return value
}

/** Thirty years: in microseconds still a whole number that is exact. */
const MOST_MS = 1_000_000_000_000

/** `0.5` milliseconds → 500 microseconds. */
export function millisecondsToUs(text: string): number {
  const value = decimal(text, 'a time in milliseconds')
  if (value > MOST_MS)
    throw new Error(`a time in milliseconds is at most ${MOST_MS}, not ${JSON.stringify(text)}`)
  return Math.round(value * 1000)
}

/** Pids are less than 2^22: pid_max of proc_sys_kernel(5) is one more than the largest. */
export function processId(text: string): number {
  return integer(text, 'a process', 1, 2 ** 22 - 1)
}

/** Users are 32 bits; the last number stands for none (setuid(2): -1). */
export function userId(text: string): number {
  return integer(text, 'a user', 0, 2 ** 32 - 2)
}

/** `80,443` → 80, 443, each once. */
export function portList(text: string): readonly number[] {
  return [...new Set(text.split(',').map((part) => integer(part.trim(), 'a port', 1, 65535)))]
}

/** A time in seconds, more than none; a day has 86,400. */
export function seconds(text: string): number {
  const value = decimal(text, 'a time in seconds')
  // setTimeout takes at most 2^31 - 1 milliseconds.
  if (!(value > 0 && value <= 2_000_000))
    throw new Error(`a time in seconds is more than 0 and at most 2000000, not ${JSON.stringify(text)}`)
  return value
}

/** `1/10` → 10. */
export function oneOf(text: string): number {
  const [one, many = ''] = text.split('/', 2)
  if (one !== '1' || text !== `1/${many}`)
    throw new Error(`a sample is a part such as 1/10, not ${JSON.stringify(text)}`)
  return integer(many, 'the part of a sample', 1, 2 ** 32 - 1)
}

/** A text that something is to hold. */
export function someText(text: string): string {
  if (text === '') throw new Error('a text is to have a character at least')
  return text
}

/** `shop,web` → shop, web, each once. */
export function nameList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw new Error(`a list of names has no empty ones, as ${JSON.stringify(text)} has`)
  return [...new Set(names)]
}

/** The path of a directory. */
export function directoryPath(text: string): string {
  if (text === '' || text.includes('\0'))
    throw new Error(`a path has a character at least, and no NUL: ${JSON.stringify(text)} is none`)
  return text
}

/** A number of things, at least one. */
export function count(text: string): number {
  return integer(text, 'a number of things', 1, 2 ** 31 - 1)
}
