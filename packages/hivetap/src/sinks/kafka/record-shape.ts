import type { DestinationContext } from '../../delivery/destination.js'
import type { SpoolRecord } from '../../spool/spool.js'
import type { KafkaConfig } from './config.js'
import { asBuffer } from './envelope.js'
import { headersFor } from './headers.js'
import { keyFor } from './record-key.js'

/** What records are made of in a topic. */
export interface RecordShape {
  value(record: SpoolRecord): Buffer
  /** As `encodeHeaders` gives them. */
  headers(record: SpoolRecord): Buffer
  /** Absent where records have no key. */
  readonly key: ((record: SpoolRecord) => Buffer) | undefined
}

/** Events as their configuration asks for them: JSON, unless they are encoded. */
export function eventShape(
  config: Pick<KafkaConfig, 'format' | 'cloud_events' | 'key'>,
  { node }: DestinationContext,
  encode: (record: SpoolRecord) => Buffer = ({ value }) => asBuffer(value),
): RecordShape {
  return { value: encode, headers: headersFor(config, node), key: keyFor(config.key, node) }
}
