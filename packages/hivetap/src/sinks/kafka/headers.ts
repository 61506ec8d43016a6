import type { SpoolRecord } from '../../spool/spool.js'
import { ENVELOPE_VERSION } from '../../stream/envelope.js'
import type { KafkaConfig } from './config.js'
import { envelopeHead } from './envelope.js'

const CONTENT_TYPES = { json: 'application/json', protobuf: 'application/protobuf' } as const

/** A record's headers. */
export type Headers = Map<Buffer, Buffer>

/**
 * Makes the headers of records: what the value is, and its version; where they are asked for, those of CloudEvents 1.0 in
 * Kafka's binary mode.
 */
export function headersFor(
  config: Pick<KafkaConfig, 'format' | 'cloud_events'>,
  node: string,
): (record: SpoolRecord) => Headers {
  const fixed: readonly (readonly [Buffer, Buffer])[] = [
    header('content-type', CONTENT_TYPES[config.format]),
    header('hivetap-version', String(ENVELOPE_VERSION)),
  ]
  if (!config.cloud_events) return () => new Map(fixed)
  const cloud = [
    ...fixed,
    header('ce_specversion', '1.0'),
    header('ce_source', `/hivetap/${encodeURIComponent(node)}`),
  ]
  return (record) => {
    const headers = new Map(cloud)
    const head = envelopeHead(record)
    const what = record.kind === 'event' ? record.tool : 'ledger'
    const add = (name: string, value: string) => headers.set(...header(name, value))
    add('ce_type', `hivetap.${what === '' ? 'agent' : what}.v${ENVELOPE_VERSION}`)
    // An id is a must: a record without one is told by where it stands.
    add('ce_id', head?.eventId ?? `${node}-${record.timeMs}`)
    if (head !== undefined) add('ce_time', head.time)
    return headers
  }
}

function header(name: string, value: string): [Buffer, Buffer] {
  return [Buffer.from(name), Buffer.from(value)]
}
