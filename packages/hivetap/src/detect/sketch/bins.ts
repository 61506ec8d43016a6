/** Each bin reaches to γ times its beginning: the value in its middle is at most 1 % away from all of its values. */
const GAMMA = 1.01 / 0.99
/** The largest value that is told from larger ones: 10^12 µs are eleven days. */
const GREATEST_US = 1e12

/** The last bin. Bin 0 is of values that are 0 or less, or not a number; bin 1 of those up to 1 µs. */
export const LAST_BIN = 1 + Math.ceil(Math.log(GREATEST_US) / Math.log(GAMMA))

/** The greatest value of each bin. */
const UPPER = Float64Array.from({ length: LAST_BIN + 1 }, (_, bin) => (bin === 0 ? 0 : GAMMA ** (bin - 1)))
const MIDDLE = UPPER.map((upper) => (2 * upper) / (GAMMA + 1))

/**
 * A number's first 12 bits after the sign's are its power of two, the next its fraction. Values from 1 with the same power and
 * the same first 6 bits of the fraction are in a cell, which is narrower than a bin: so one of two bins, and a logarithm less.
 */
const CELL_SHIFT = 20 - 6
const number = new Float64Array(1)
const words = new Uint32Array(number.buffer)
const HIGH_WORD = new Uint8Array(Float64Array.of(1).buffer)[7] === 0 ? 0 : 1
const FIRST_CELL = cellOf(1)
const BIN_OF_CELL = Uint16Array.from({ length: cellOf(GREATEST_US) - FIRST_CELL + 1 }, (_, cell) => {
  words[1 - HIGH_WORD] = 0
  words[HIGH_WORD] = (FIRST_CELL + cell) << CELL_SHIFT
  const least = number[0] as number
  return UPPER.findIndex((upper) => upper >= least)
})

function cellOf(value: number): number {
  number[0] = value
  return (words[HIGH_WORD] as number) >>> CELL_SHIFT
}

/** Which bin a value is in. The greater the value, the greater the bin; it fits into 16 bits. @param valueUs microseconds */
export function binOf(valueUs: number): number {
  if (!(valueUs > 1)) return valueUs > 0 ? 1 : 0
  if (valueUs >= GREATEST_US) return LAST_BIN
  const bin = BIN_OF_CELL[cellOf(valueUs) - FIRST_CELL] as number
  return valueUs > (UPPER[bin] as number) ? bin + 1 : bin
}

/**
 * The value that stands for all of a bin, microseconds: within 1 % of each of them from 1 µs to 10^12 µs; 0 for bin 0.
 *
 * @param bin as `binOf` says it
 */
export function valueOfBin(bin: number): number {
  return MIDDLE[bin] as number
}

/** The greatest value of a bin, microseconds; Infinity of the last. @param bin as `binOf` says it */
export function greatestOfBin(bin: number): number {
  return bin >= LAST_BIN ? Number.POSITIVE_INFINITY : (UPPER[bin] as number)
}
