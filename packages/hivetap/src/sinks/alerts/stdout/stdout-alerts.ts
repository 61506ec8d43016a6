import { z } from 'zod'
import type { AlertSinkKind } from '../../../delivery/alerts/alert-sink-kind.js'
import { alertJson } from '../alert-json.js'
import { alertText } from '../alert-text.js'

/** What a sink of alerts of the type `stdout` is configured with. */
export const stdoutAlertsConfig = z.strictObject({
  type: z.literal('stdout').describe('Alerts on standard output'),
  name: z.string().min(1).max(64).default('stdout').describe('What it is called in the log'),
  format: z.enum(['text', 'json']).default('text').describe('For people, or a line of JSON each'),
})

/** Alerts on standard output, for people or as JSON lines. A slow reader is waited for. */
export const stdoutAlertsKind: AlertSinkKind<typeof stdoutAlertsConfig> = {
  type: 'stdout',
  config: stdoutAlertsConfig,
  async create({ name, format }) {
    const { LinesDestination } = await import('../../stdout/lines-destination.js')
    const { DestinationAlertSink } = await import('../destination-alert-sink.js')
    const linesOf = format === 'json' ? ALERT_LINES.json : ALERT_LINES.text
    return new DestinationAlertSink(new LinesDestination(name, 1), linesOf)
  },
}

/** The lines of an alert, by format. */
export const ALERT_LINES = {
  text: (alert: Parameters<typeof alertText>[0]) => alertText(alert).split('\n'),
  json: (alert: Parameters<typeof alertJson>[0]) => [alertJson(alert)],
} as const
