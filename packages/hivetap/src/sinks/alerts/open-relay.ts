import { AlertRelay } from '../../delivery/alerts/alert-relay.js'
import type { AlertSinkContext } from '../../delivery/alerts/alert-sink-kind.js'
import type { AlertSink } from '../../detect/alert.js'
import { ALERT_SINK_KINDS } from './alert-sink-kinds.js'

/** A sink for alerts that is asked for, as the schema of its kind gives it. */
export type AlertSinkSetting = Readonly<Record<string, unknown>>

/**
 * Makes the sinks that are asked for, and a relay to them. What becomes of them is said by `context.note`.
 *
 * @throws {Error} that says what of a sink's configuration cannot be used: then none is left open
 */
export async function openRelay(
  settings: readonly AlertSinkSetting[],
  context: AlertSinkContext,
): Promise<AlertRelay> {
  const sinks: AlertSink[] = []
  try {
    for (const setting of settings) {
      const kind = ALERT_SINK_KINDS.find(({ type }) => type === setting['type'])
      if (kind === undefined)
        throw new Error(`There is no sink for alerts of the type ${String(setting['type'])}`)
      sinks.push(await kind.create(setting, context))
    }
  } catch (error) {
    await Promise.allSettled(sinks.map((sink) => sink.close()))
    throw error
  }
  const down = new Set<string>()
  return new AlertRelay(sinks, {
    changed: (sink, up, error) => {
      // That it works at once needs no word.
      if (up && !down.delete(sink)) return
      if (!up) down.add(sink)
      context.note(up ? 'alerts are told again' : 'alerts cannot be told: they wait', {
        alert_sink: sink,
        ...(error !== undefined && { error: error.message }),
      })
    },
    lost: (sink, reason, count, error) =>
      context.note('alerts are lost', {
        alert_sink: sink,
        reason,
        count,
        ...(error !== undefined && { error: error.message }),
      }),
  })
}
