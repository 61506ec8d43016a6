import { z } from 'zod'
import { PATTERN, parseByteSize, wrong } from './byte-size.js'

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
