import { z } from 'zod'
import type { AnyAlertSinkKind } from './alert-sink-kinds.js'

const MOST_SINKS = 16

/** A list of sinks for alerts, each by its type. */
export function alertSinksSetting(kinds: readonly AnyAlertSinkKind[]) {
  const [first, ...others] = kinds.map(({ config }) => config)
  if (first === undefined) throw new Error('There are no kinds of sinks for alerts')
  return z
    .array(z.discriminatedUnion('type', [first, ...others]))
    .min(1, { error: 'names no sink: alerts would go nowhere' })
    .max(MOST_SINKS, { error: `names more than ${MOST_SINKS} sinks` })
    .superRefine((sinks, context) => {
      const names = new Set<unknown>()
      for (const [index, { name }] of sinks.entries()) {
        if (names.has(name))
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            message: `is ${JSON.stringify(name)}, as another one is: alerts and the log tell sinks by their names`,
          })
        names.add(name)
      }
    })
    .prefault([{ type: 'stdout' }])
}
