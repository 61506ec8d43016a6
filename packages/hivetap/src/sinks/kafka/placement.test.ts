import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Outgoing, requestsOf } from './outgoing.js'
import { place } from './placement.js'
import { sizeOf } from './record-batch.js'

const A = { host: 'a', port: 1 }
const B = { host: 'b', port: 1 }

function outgoing(index: number, key?: string, bytes = 10): Outgoing {
  const value = Buffer.alloc(bytes)
  return {
    index,
    topic: 't',
    timeMs: 0,
    key: key === undefined ? undefined : Buffer.from(key),
    value,
    headers: Buffer.from([0]),
  }
}

const firstByte = (key: Buffer) => key[0] ?? 0

test('without a key all go to one partition, the next that has a leader', () => {
  const records = [outgoing(0), outgoing(1)]
  const partitionAt = (turn: number) =>
    place('t', records, [A, undefined, B], turn, firstByte).map(({ partition }) => partition)
  expect([0, 1, 2, 3].map(partitionAt)).toEqual([[0], [2], [0], [2]])
})

test('a key decides, in order, and waits for its partition’s leader', () => {
  const records = [outgoing(0, '\x02'), outgoing(1, '\x01'), outgoing(2, '\x05')]
  const placed = place('t', records, [A, B, A], 7, firstByte)
  expect(placed.map(({ partition, records: group }) => [partition, group.map(({ index }) => index)])).toEqual(
    [
      [2, [0, 2]],
      [1, [1]],
    ],
  )
  expect(() => place('t', records, [A, undefined, A], 7, firstByte)).toThrow(
    expect.objectContaining({ kind: 'leader_missing', passing: true }),
  )
})

test('a topic without any leader, or without a partition, is said', () => {
  for (const leaders of [[], [undefined, undefined]])
    for (const key of [undefined, 'k'])
      expect(() => place('t', [outgoing(0, key)], leaders, 1, firstByte)).toThrow('has no leader')
})

test('requests hold all records in order, and no more bytes than they may unless one record does', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3000)), fc.integer({ min: 100, max: 5000 }), (sizes, most) => {
      const records = sizes.map((size, index) => outgoing(index, undefined, size))
      const requests = [...requestsOf(records, most)]
      expect(requests.flat()).toEqual(records)
      for (const request of requests) {
        const bytes = request.reduce((sum, record) => sum + sizeOf(record), 0)
        expect(request.length === 1 || bytes <= most).toBe(true)
      }
    }),
  )
})
