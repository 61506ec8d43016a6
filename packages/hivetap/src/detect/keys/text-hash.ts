/** Characters that have keys of their own; a longer text takes them again. */
const LENGTH = 256
/** Random numbers of this process: whoever sends texts cannot know which of them fall together. */
const KEYS = crypto.getRandomValues(new Uint32Array(2 * (LENGTH + 2)))
const ONE = KEYS.subarray(0, LENGTH + 2)
const OTHER = KEYS.subarray(LENGTH + 2)

/**
 * A hash of a text, 32 bits. Each character times a random number of its place, summed up, twice: of any two texts of up to 256
 * characters, whoever chose them, the chance to fall together is 2^-32.
 */
export function hashOfText(text: string): number {
  const { length } = text
  let one = begin(ONE, length)
  let other = begin(OTHER, length)
  for (let index = 0; index < length; index++) {
    const character = text.charCodeAt(index)
    const key = index & (LENGTH - 1)
    one = (one + Math.imul(ONE[key] as number, character)) | 0
    other = (other + Math.imul(OTHER[key] as number, character)) | 0
  }
  return joined(one, other)
}

/** The same of whole numbers below 2^32, taken as two characters each. */
export function hashOfNumbers(numbers: Uint32Array, at: number, length: number): number {
  let one = begin(ONE, length)
  let other = begin(OTHER, length)
  for (let index = 0; index < length; index++) {
    const number = numbers[at + index] as number
    const low = number & 0xffff
    const high = number >>> 16
    const key = (2 * index) & (LENGTH - 1)
    one = (one + Math.imul(ONE[key] as number, low) + Math.imul(ONE[key + 1] as number, high)) | 0
    other = (other + Math.imul(OTHER[key] as number, low) + Math.imul(OTHER[key + 1] as number, high)) | 0
  }
  return joined(one, other)
}

/** Of the length: else texts that end in characters of code 0 would fall together. */
function begin(keys: Uint32Array, length: number): number {
  return ((keys[LENGTH] as number) + Math.imul(keys[LENGTH + 1] as number, length)) | 0
}

/**
 * The upper halves: only they depend on all bits of a character. They are stirred, which makes no two the same: sums of texts that
 * differ in little are at even distances, and would stand side by side.
 */
function joined(one: number, other: number): number {
  let hash = (one & 0xffff0000) | (other >>> 16)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
