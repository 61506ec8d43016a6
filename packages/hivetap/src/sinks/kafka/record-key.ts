import type { SpoolRecord } from '../../spool/spool.js'
import type { KafkaConfig } from './config.js'
import { envelopeOf } from './envelope.js'
import { addressText } from './known-brokers.js'

/** Makes the keys of records; `undefined` where there are none. */
export function keyFor(key: KafkaConfig['key'], node: string): ((record: SpoolRecord) => Buffer) | undefined {
  if (key === 'none') return undefined
  const ofNode = Buffer.from(node)
  if (key === 'node') return () => ofNode
  return (record) => {
    const envelope = record.kind === 'ledger' ? undefined : envelopeOf(record)
    const host = envelope?.['destination_address']
    const port = envelope?.['destination_port']
    return typeof host === 'string' && typeof port === 'number'
      ? Buffer.from(addressText({ host, port }))
      : ofNode
  }
}
