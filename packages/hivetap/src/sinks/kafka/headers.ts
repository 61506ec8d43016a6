import type { SpoolRecord } from '../../spool/spool.js'
import { ENVELOPE_VERSION } from '../../stream/envelope.js'
import type { KafkaConfig } from './config.js'
import { envelopeHead } from './envelope.js'
import { encodeHeaders } from './record-batch.js'

const CONTENT_TYPES = { json: 'application/json', protobuf: 'application/protobuf' } as const

/**
 * Makes the headers of records: what the value is, and its version; where they are asked for, those of CloudEvents 1.0 in
 * Kafka's binary mode. They are told as they stand in a record batch.
 */
export function headersFor(
  config: Pick<KafkaConfig, 'format' | 'cloud_events'>,
  node: string,
): (record: SpoolRecord) => Buffer {
  const fixed: [string, string][] = [
    ['content-type', CONTENT_TYPES[config.format]],
    ['hivetap-version', String(ENVELOPE_VERSION)],
  ]
  if (!config.cloud_events) {
    const encoded = encodeHeaders(fixed)
    return () => encoded
  }
  fixed.push(['ce_specversion', '1.0'], ['ce_source', `/hivetap/${encodeURIComponent(node)}`])
  return (record) => {
    const head = envelopeHead(record)
    const what = record.kind === 'event' ? record.tool : record.kind
    return encodeHeaders([
      ...fixed,
      ['ce_type', `hivetap.${what === '' ? 'agent' : what}.v${ENVELOPE_VERSION}`],
      // An id is a must: a record without one is told by where it stands.
      ['ce_id', head?.eventId ?? `${node}-${record.timeMs}`],
      ...(head === undefined ? [] : [['ce_time', head.time] as const]),
    ])
  }
}
