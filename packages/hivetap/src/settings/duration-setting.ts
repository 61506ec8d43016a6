import { z } from 'zod'
import { durationWithin, PATTERN, wrong } from './duration.js'

/**
 * A key of a configuration that is a time: a text there, milliseconds once read.
 *
 * @param least the shortest and the longest that are allowed, as they would be written
 */
export function durationSetting(least: string, most: string) {
  const read = durationWithin(least, most)
  return z
    .string({ error: ({ input }) => (input === undefined ? undefined : wrong(input)) })
    .regex(PATTERN, { abort: true, error: ({ input }) => wrong(input) })
    .transform((text, context) => {
      try {
        return read(text)
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    })
}
