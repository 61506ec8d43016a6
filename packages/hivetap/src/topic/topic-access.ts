import type { BrokersConfig } from '../sinks/kafka/config.js'

/** How a topic is reached: as a sink's configuration has it. Secrets stand in files or in the environment. */
export interface TopicAccess extends Pick<BrokersConfig, 'brokers' | 'tls' | 'sasl'> {
  readonly topic: string
}
