import { z } from 'zod'
import { PATTERN, parseDuration, wrong } from './duration.js'

/**
 * A key of a configuration that is a time: a text there, milliseconds once read.
 *
 * @param least the shortest and the longest that are allowed, as they would be written
 */
export function durationSetting(least: string, most: string) {
  const from = parseDuration(least)
  const to = parseDuration(most)
  return z
    .string({ error: ({ input }) => (input === undefined ? undefined : wrong(input)) })
    .regex(PATTERN, { abort: true, error: ({ input }) => wrong(input) })
    .transform((text, context) => {
      const value = parseDuration(text)
      if (value >= from && value <= to) return value
      context.addIssue({ code: 'custom', message: `is a time from ${least} to ${most}, not ${text}` })
      return z.NEVER
    })
}
