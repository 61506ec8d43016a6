import type { Destination } from '../../../packages/hivetap/src/delivery/destination.js'
import { kafkaConfig } from '../../../packages/hivetap/src/sinks/kafka/config.js'
import { kafkaKind } from '../../../packages/hivetap/src/sinks/kafka/kafka.js'

/** A destination, as an agent makes it from its configuration, and what it said in the log. */
export async function kafkaDestination(
  config: Readonly<Record<string, unknown>>,
): Promise<{ readonly destination: Destination; readonly notes: string[] }> {
  const notes: string[] = []
  const parsed = kafkaConfig.parse({ type: 'kafka', name: 'test', ...config })
  const context = { node: 'node-1', note: (message: string) => void notes.push(message) }
  return { destination: await kafkaKind.create(parsed, context), notes }
}

/** A signal that never aborts. */
export const NEVER = new AbortController().signal
