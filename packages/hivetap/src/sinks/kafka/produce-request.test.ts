import * as kafka from '@platformatic/kafka'
import { expect, test } from 'vitest'
import { isFlexible, produceRequest } from './produce-request.js'
import { RecordBatchEncoder } from './record-batch.js'

const { produceV7, produceV8, produceV9, produceV10, produceV11 } = kafka

test.each([produceV7, produceV8, produceV9, produceV10, produceV11])(
  'a request of version $api.version is, byte by byte, what the library makes of it',
  ({ api, createRequest }) => {
    const value = Buffer.alloc(1000, 'ü')
    const encoder = new RecordBatchEncoder({ bitmask: 0, compressSync: (plain) => plain })
    const none = Buffer.from([0])
    const batch = encoder.encode([{ key: undefined, value, headers: none }], () => 1234)
    const ours = produceRequest(kafka, api.version, {
      topic: 'a.topic',
      partition: 7,
      batch,
      timeoutMs: 8000,
    })
    const message = { topic: 'a.topic', partition: 7, value, headers: new Map(), timestamp: 1234n }
    const theirs = createRequest(kafka.ProduceAcks.ALL, 8000, [message])
    expect(ours.buffer.toString('hex')).toBe(theirs.buffer.toString('hex'))
    expect(ours.context).toEqual(theirs.context)
    expect(isFlexible(api.version)).toBe(api.version >= 9)
  },
)
