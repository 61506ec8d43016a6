import { z } from 'zod'

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
  TB: 1e12,
  TiB: 2 ** 40,
}
const PATTERN = /^(?<value>\d+(?:\.\d+)?)(?<unit>B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)?$/

/**
 * `64KiB`, `1.5GiB`, `10MB`, `4096` → bytes, a whole number.
 *
 * @throws {Error} that says what is wrong with the text
 */
export function parseByteSize(text: string): number {
  const { value = '', unit = 'B' } = PATTERN.exec(text)?.groups ?? {}
  const bytes = Math.round(Number(value) * (UNITS[unit] ?? Number.NaN))
  if (value === '' || !Number.isSafeInteger(bytes)) throw new Error(wrong(text))
  return bytes
}

function wrong(text: unknown): string {
  return `is a size such as 64KiB, 10MB or 1GiB, or a number of bytes, not ${JSON.stringify(text)}`
}

const BINARY = ['TiB', 'GiB', 'MiB', 'KiB'] as const

/** Bytes as people write them: in the largest unit in which they are a whole number. */
export function formatByteSize(bytes: number): string {
  const unit = bytes === 0 ? undefined : BINARY.find((one) => bytes % (UNITS[one] as number) === 0)
  return unit === undefined ? `${bytes}B` : `${bytes / (UNITS[unit] as number)}${unit}`
}

/**
 * A key of a configuration that is a size: a text or a number there, bytes once read.
 *
 * @param least the smallest and the largest that are allowed, as they would be written
 */
export function byteSizeSetting(least: string, most: string) {
  const from = parseByteSize(least)
  const to = parseByteSize(most)
  return z
    .union(
      [z.int().nonnegative(), z.string().regex(PATTERN, { abort: true, error: ({ input }) => wrong(input) })],
      {
        error: ({ input }) => wrong(input),
      },
    )
    .transform((written, context) => {
      const value = typeof written === 'number' ? written : parseByteSize(written)
      if (value >= from && value <= to) return value
      context.addIssue({ code: 'custom', message: `is a size from ${least} to ${most}, not ${written}` })
      return z.NEVER
    })
}
