import { z } from 'zod'
import type { AlertSinkKind } from '../../../delivery/alerts/alert-sink-kind.js'
import { brokersConfig, kafkaConfig } from '../../kafka/config.js'

const { name, compression, deadline_ms, max_message_bytes } = kafkaConfig.shape

/** What a sink of alerts of the type `kafka` is configured with: as that of events is, where they have something in common. */
export const kafkaAlertsConfig = z
  .strictObject({
    type: z.literal('kafka').describe('Alerts go to a topic of Kafka, as JSON, by their ids'),
    name: name.default('kafka').describe('What it is called in the log'),
    ...brokersConfig,
    topic: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,249}$/, 'is not a topic: letters, digits, . _ and -')
      .describe('The topic'),
    compression,
    deadline_ms,
    max_message_bytes,
  })
  .refine(({ deadline_ms: deadline, request_timeout_ms }) => request_timeout_ms <= deadline, {
    message: 'request_timeout_ms is more than deadline_ms',
  })

/**
 * Alerts to a topic: keyed by `alert_id`, so that all that is told of one stands in one partition, in order; acknowledged by
 * all replicas in sync.
 */
export const kafkaAlertsKind: AlertSinkKind<typeof kafkaAlertsConfig> = {
  type: 'kafka',
  config: kafkaAlertsConfig,
  async create(config, context) {
    const { openAlertTopic } = await import('./open-alert-topic.js')
    return openAlertTopic(config, context)
  },
}

export type KafkaAlertsConfig = z.infer<typeof kafkaAlertsConfig>
