import type { z } from 'zod'
import type { AlertSinkKind } from '../../delivery/alerts/alert-sink-kind.js'
import { alertmanagerKind } from './alertmanager/alertmanager.js'
import { kafkaAlertsKind } from './kafka/kafka-alerts.js'
import { stdoutAlertsKind } from './stdout/stdout-alerts.js'
import { webhookAlertsKind } from './webhook/webhook-alerts.js'

// biome-ignore lint/suspicious/noExplicitAny: a list of kinds holds kinds of any configuration
export type AnyAlertSinkKind = AlertSinkKind<z.ZodObject<any>>

/** All kinds of sinks for alerts, in the order in which help and reference tell of them. To add one, add its line. */
export const ALERT_SINK_KINDS: readonly AnyAlertSinkKind[] = [
  stdoutAlertsKind,
  kafkaAlertsKind,
  alertmanagerKind,
  webhookAlertsKind,
]
