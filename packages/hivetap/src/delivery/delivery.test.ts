import { afterEach, expect, it, vi } from 'vitest'
import { batchOf, EPOCH, entry, GivenEntries, lossEntry, lossOf } from '../../../../test/support/entries.js'
import type { SpoolBatch } from '../spool/spool.js'
import { Delivery, type DeliveryState } from './delivery.js'
import { type BatchBound, DeliveryError, type Destination, type Rejection } from './destination.js'

/** A far end that does as it is told. */
class FarEnd implements Destination {
  readonly name = 'far'
  window = 1
  mostAtOnce?: BatchBound
  readAhead?: (batch: SpoolBatch) => void
  readonly batches: SpoolBatch[] = []
  opened = 0
  closed = 0
  /** What happens to each attempt; without, it is taken. */
  attempts: ((batch: SpoolBatch, signal: AbortSignal) => Promise<readonly Rejection[]>)[] = []
  refuseOpen: DeliveryError[] = []

  async open(): Promise<void> {
    const error = this.refuseOpen.shift()
    if (error !== undefined) throw error
    this.opened++
  }

  async deliver(batch: SpoolBatch, signal: AbortSignal): Promise<readonly Rejection[]> {
    const rejections = (await this.attempts.shift()?.(batch, signal)) ?? []
    this.batches.push(batch)
    return rejections
  }

  async close(): Promise<void> {
    this.closed++
  }

  get lines(): string[] {
    return this.batches.flatMap(({ records }) => records.map(({ value }) => Buffer.from(value).toString()))
  }
}

const away = (kind = 'broker_unreachable') => new DeliveryError(kind, 'it is away', { passing: true })

const started: { stop: AbortController; done: Promise<void> }[] = []

function start(reader: GivenEntries, far: FarEnd) {
  const states: [DeliveryState, string | undefined][] = []
  const delivery = new Delivery(far, reader, {
    node: 'node-1',
    mostBytes: 1 << 20,
    changed: (state, _since, error) => states.push([state, error?.kind]),
  })
  const stop = new AbortController()
  started.push({ stop, done: delivery.run(stop.signal) })
  return { delivery, states, stop }
}

const idle = (delivery: Delivery) => vi.waitFor(() => expect(delivery.idle).toBe(true), { timeout: 20_000 })

afterEach(async () => {
  for (const { stop, done } of started.splice(0)) {
    stop.abort()
    await done
  }
})

it('delivers in order, and acknowledges what has arrived', async () => {
  const reader = new GivenEntries([entry(batchOf(0, 3))])
  const far = new FarEnd()
  const { delivery } = start(reader, far)
  await idle(delivery)
  reader.give(entry(batchOf(3, 2)))
  await idle(delivery)
  expect(far.lines).toEqual([0, 1, 2, 3, 4].map((sequence) => `{"event_id":"${EPOCH}-${sequence}"}`))
  expect(reader.acknowledged).toEqual([entry(batchOf(0, 3)), entry(batchOf(3, 2))])
  expect(delivery.counters).toMatchObject({ delivered: 5, batches: 2, retries: 0 })
})

it('tries the very same batch again until it is taken, and says once that the far end is away', async () => {
  const reader = new GivenEntries([entry(batchOf(0, 3))])
  const far = new FarEnd()
  const tried: SpoolBatch[] = []
  const fail = async (batch: SpoolBatch) => {
    tried.push(batch)
    throw away()
  }
  far.attempts = [fail, fail]
  const { delivery, states } = start(reader, far)
  await idle(delivery)
  expect(tried[0]).toBe(tried[1])
  expect(far.batches).toEqual([tried[0]])
  expect(states).toEqual([
    ['up', undefined],
    ['down', 'broker_unreachable'],
    ['up', undefined],
  ])
  expect(delivery.counters.retries).toBe(2)
  expect(delivery.counters.failures).toEqual(new Map([['broker_unreachable', 2]]))
})

it('tells a far end what comes next where as much waits as it takes at once, and sends that very batch', async () => {
  const reader = new GivenEntries()
  const far = new FarEnd()
  far.mostAtOnce = { records: 1, bytes: 2 }
  const ahead: SpoolBatch[] = []
  far.readAhead = (batch) => ahead.push(batch)
  far.attempts = [
    async () => {
      await vi.waitFor(() => expect(ahead).toHaveLength(1))
      return []
    },
  ]
  // Behind the first, one has been looked at and two wait; behind the second, only one.
  reader.give(...[0, 1, 2, 3].map((sequence) => entry(batchOf(sequence, 1))))
  const { delivery } = start(reader, far)
  await idle(delivery)
  expect(ahead).toHaveLength(1)
  expect(far.batches[1]).toBe(ahead[0])
  expect(far.batches.map(({ firstSequence }) => firstSequence)).toEqual([0, 1, 2, 3])
  expect(reader.acknowledged).toHaveLength(4)
})

it('says it again where the far end fails in another way', async () => {
  const far = new FarEnd()
  far.refuseOpen = [away(), new DeliveryError('authentication_failed', 'no', { passing: false })]
  const { delivery, states } = start(new GivenEntries([entry(batchOf(0, 1))]), far)
  await idle(delivery)
  expect(states).toEqual([
    ['down', 'broker_unreachable'],
    ['down', 'authentication_failed'],
    ['up', undefined],
  ])
})

it('acknowledges nothing behind a batch that has not arrived', async () => {
  const reader = new GivenEntries([entry(batchOf(0, 1)), entry(batchOf(5, 1)), entry(batchOf(9, 1))])
  const far = new FarEnd()
  far.window = 3
  let release = () => {}
  far.attempts = [
    async () => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return []
    },
  ]
  const { delivery } = start(reader, far)
  await vi.waitFor(() => expect(far.batches.map(({ firstSequence }) => firstSequence)).toEqual([5, 9]))
  expect(reader.acknowledged).toEqual([])
  expect(delivery.idle).toBe(false)
  release()
  await idle(delivery)
  expect(reader.acknowledged.map((each) => each.kind === 'batch' && each.batch.firstSequence)).toEqual([
    0, 5, 9,
  ])
})

it('sends no more at once than the far end takes', async () => {
  const reader = new GivenEntries([0, 10, 20, 30, 40].map((first) => entry(batchOf(first, 1))))
  const far = new FarEnd()
  far.window = 2
  let now = 0
  let most = 0
  const slow = async () => {
    most = Math.max(most, ++now)
    await new Promise(setImmediate)
    now--
    return []
  }
  far.attempts = [slow, slow, slow, slow, slow]
  const { delivery } = start(reader, far)
  await idle(delivery)
  expect(most).toBe(2)
  expect(far.batches.length).toBe(5)
})

it('declares a loss in the spool at the far end, before it is acknowledged', async () => {
  const loss = lossEntry(lossOf(3, 9))
  const reader = new GivenEntries([entry(batchOf(0, 3)), loss, entry(batchOf(10, 1))])
  const far = new FarEnd()
  const { delivery } = start(reader, far)
  await idle(delivery)
  const declared = JSON.parse(far.lines[3] ?? '')
  expect(declared).toMatchObject({
    version: 1,
    event_id: `${EPOCH}-loss-far-3-9`,
    host: 'node-1',
    tool: '',
    record: 'loss',
    sink: 'far',
    epoch: EPOCH,
    reason: 'spool_full',
    count: 7,
    first_sequence: 3,
    last_sequence: 9,
  })
  expect(declared.time).toMatch(/^[0-9-]{10}T[0-9:]{8}\.[0-9]{9}Z$/)
  expect(reader.acknowledged).toContain(loss)
  expect(delivery.counters.lost).toEqual(new Map([['spool_full', 7]]))
})

it('declares what the far end will never take, neighbours together', async () => {
  const reader = new GivenEntries([entry(batchOf(100, 6))])
  const far = new FarEnd()
  far.attempts = [
    async () => [
      { index: 2, reason: 'too_large' },
      { index: 1, reason: 'too_large' },
      { index: 5, reason: 'refused' },
    ],
  ]
  const { delivery } = start(reader, far)
  await idle(delivery)
  expect(far.lines.slice(6).map((line) => JSON.parse(line))).toMatchObject([
    { reason: 'too_large', first_sequence: 101, last_sequence: 102, count: 2 },
    { reason: 'refused', first_sequence: 105, last_sequence: 105, count: 1 },
  ])
  expect(delivery.counters.delivered).toBe(3 + 2)
  expect(delivery.counters.lost).toEqual(
    new Map([
      ['too_large', 2],
      ['refused', 1],
    ]),
  )
})

it('does not declare a declaration that is not taken, for ever', async () => {
  const reader = new GivenEntries([lossEntry(lossOf(3, 9)), entry(batchOf(10, 1))])
  const far = new FarEnd()
  far.attempts = [async () => [{ index: 0, reason: 'refused' }]]
  const { delivery } = start(reader, far)
  await idle(delivery)
  expect(far.batches.length).toBe(2)
  expect(reader.acknowledged.length).toBe(2)
})

// It was taken for a declaration, which cannot be declared: an account that was refused alone was lost in silence.
it('declares an account that is refused alone', async () => {
  const account = batchOf(7, 1)
  const records = account.records.map((record) => ({ ...record, kind: 'ledger' as const }))
  const far = new FarEnd()
  far.attempts = [async () => [{ index: 0, reason: 'too_large' }]]
  const { delivery } = start(new GivenEntries([entry({ ...account, records })]), far)
  await idle(delivery)
  expect(JSON.parse(far.lines[1] ?? '')).toMatchObject({
    record: 'loss',
    first_sequence: 7,
    last_sequence: 7,
  })
  expect(delivery.counters.lost).toEqual(new Map([['too_large', 1]]))
})

it('ends in the middle of an attempt, and acknowledges nothing of it', async () => {
  const reader = new GivenEntries([entry(batchOf(0, 1))])
  const far = new FarEnd()
  far.attempts = [
    (_batch, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(away('aborted')), { once: true })
      }),
  ]
  const { delivery, stop, states } = start(reader, far)
  await vi.waitFor(() => expect(far.attempts.length).toBe(0))
  stop.abort()
  await started[0]?.done
  expect(reader.acknowledged).toEqual([])
  expect(states).toEqual([['up', undefined]])
  expect(delivery.counters.retries).toBe(0)
})

it('tries again what fails in a way that is not foreseen', async () => {
  const far = new FarEnd()
  far.attempts = [
    async () => {
      throw new TypeError('a defect')
    },
  ]
  const { delivery, states } = start(new GivenEntries([entry(batchOf(0, 1))]), far)
  await idle(delivery)
  expect(states).toEqual([
    ['up', undefined],
    ['down', 'unexpected'],
    ['up', undefined],
  ])
  expect(far.lines.length).toBe(1)
})

it('closes its place in the spool and the destination', async () => {
  const reader = new GivenEntries()
  const far = new FarEnd()
  const { delivery, stop } = start(reader, far)
  stop.abort()
  await started[0]?.done
  await delivery.close()
  expect([reader.closed, far.closed]).toEqual([true, 1])
})
