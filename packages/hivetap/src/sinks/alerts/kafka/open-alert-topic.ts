import type { AlertSinkContext } from '../../../delivery/alerts/alert-sink-kind.js'
import type { AlertSink } from '../../../detect/alert.js'
import type { SpoolRecord } from '../../../spool/spool.js'
import { asBuffer, envelopeOf } from '../../kafka/envelope.js'
import { openKafka } from '../../kafka/kafka.js'
import { encodeHeaders } from '../../kafka/record-batch.js'
import type { RecordShape } from '../../kafka/record-shape.js'
import { alertJson } from '../alert-json.js'
import { DestinationAlertSink } from '../destination-alert-sink.js'
import type { KafkaAlertsConfig } from './kafka-alerts.js'

const HEADERS = encodeHeaders([
  ['content-type', 'application/json'],
  ['hivetap-version', '1'],
])

/** How an alert stands in a topic. */
const ALERT_SHAPE: RecordShape = {
  value: ({ value }) => asBuffer(value),
  headers: () => HEADERS,
  key: (record: SpoolRecord) => Buffer.from(String(envelopeOf(record)?.['alert_id'])),
}

/** Alerts to a topic, by the client that events go through. */
export async function openAlertTopic(
  config: KafkaAlertsConfig,
  context: AlertSinkContext,
): Promise<AlertSink> {
  // One batch at a time: of an alert, what was told later must not arrive earlier.
  const destination = await openKafka({ ...config, window: 1 }, context, ALERT_SHAPE)
  return new DestinationAlertSink(destination, (alert) => [alertJson(alert)])
}
