import { expect, it } from 'vitest'
import { batchOf, entry, GivenEntries, lossEntry, lossOf } from '../../../../test/support/entries.js'
import type { BatchBound } from './destination.js'
import { Gatherer } from './gatherer.js'

const never = new AbortController().signal
const OTHER = '00000000-0000-4000-8000-000000000002'

/** How many entries each take has, until nothing is left. */
async function takes(reader: GivenEntries, most?: BatchBound): Promise<number[]> {
  const gatherer = new Gatherer(reader, most)
  const counts: number[] = []
  for (;;) {
    const stop = new AbortController()
    setImmediate(() => stop.abort())
    const taken = await gatherer.take(stop.signal)
    if (taken === undefined) return counts
    counts.push(taken.length)
  }
}

it('joins batches whose sequences follow on each other', async () => {
  expect(
    await takes(new GivenEntries([entry(batchOf(0, 10)), entry(batchOf(10, 5)), entry(batchOf(15, 1))])),
  ).toEqual([3])
})

it('joins no batches of two epochs, nor with a hole between them, nor with a loss', async () => {
  const entries = [
    entry(batchOf(0, 10)),
    entry(batchOf(0, 10, OTHER)),
    entry(batchOf(20, 10, OTHER)),
    lossEntry(lossOf(30, 39, OTHER)),
    entry(batchOf(40, 1, OTHER)),
  ]
  expect(await takes(new GivenEntries(entries))).toEqual([1, 1, 1, 1, 1])
})

it('joins no more than 5,000 records', async () => {
  const entries = [0, 2000, 4000, 6000].map((first) => entry(batchOf(first, 2000)))
  expect(await takes(new GivenEntries(entries))).toEqual([2, 2])
})

it('joins as many records and bytes as a destination takes at once', async () => {
  const given = () => new GivenEntries([0, 2000, 4000, 6000].map((first) => entry(batchOf(first, 2000))))
  expect(await takes(given(), { records: 20_000, bytes: 1 << 20 })).toEqual([4])
  expect(await takes(given(), { records: 20_000, bytes: 250_000 })).toEqual([2, 2])
})

it('takes what is larger than it would join as it is', async () => {
  expect(await takes(new GivenEntries([entry(batchOf(0, 9000)), entry(batchOf(9000, 1))]))).toEqual([1, 1])
})

it('is not empty while somebody holds what was taken', async () => {
  const reader = new GivenEntries([entry(batchOf(0, 1))])
  const gatherer = new Gatherer(reader)
  await gatherer.take(never)
  expect(gatherer.isEmpty).toBe(false)
  const stop = new AbortController()
  const waiting = gatherer.take(stop.signal)
  expect(gatherer.isEmpty).toBe(true)
  stop.abort()
  expect(await waiting).toBeUndefined()
})
