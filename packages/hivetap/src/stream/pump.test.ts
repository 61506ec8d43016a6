import type { BatchOptions, RecordBuffer } from '@hivetap/bpf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { discardRest, drainRest, pump } from './pump.js'
import type { Sink } from './sink.js'

/** Records handed over at a time: pump.ts. */
const BATCH = 4096

/** A buffer in memory, that behaves as the kernel's do: full, it refuses; whoever waits is woken. */
class MemoryBuffer implements RecordBuffer<number> {
  readonly kind = 'ringbuf'
  readonly capacity: number
  received = 0
  lost = 0
  readonly malformed = 0
  /** What was accepted, in order. */
  readonly accepted: number[] = []
  drains = 0
  produced = 0
  /** Set when no program writes any more. */
  detached = false
  #next = 0
  #wake: (() => void) | undefined

  constructor(capacity = Number.POSITIVE_INFINITY) {
    this.capacity = capacity
  }

  /** Writes some records, numbered through. */
  produce(count: number): void {
    if (this.detached) return
    for (let record = 0; record < count; record++) {
      if (this.accepted.length - this.#next < this.capacity) this.accepted.push(this.produced)
      else this.lost++
      this.produced++
    }
    this.#wake?.()
  }

  drain(take: (record: number) => void, limit = 65_536): number {
    this.drains++
    let count = 0
    while (count < limit && this.#next < this.accepted.length) {
      count++
      this.received++
      take(this.accepted[this.#next++] as number)
    }
    return count
  }

  async wait({ signal }: BatchOptions = {}): Promise<void> {
    if (this.#next < this.accepted.length || signal?.aborted === true) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
    this.#wake = undefined
  }

  wake(): void {
    this.#wake?.()
  }

  async *batches(): AsyncGenerator<readonly number[], void, void> {}
  close(): void {}
  [Symbol.dispose](): void {}
}

/** A sink that stalls as it is told, and notes when it is used otherwise than agreed. */
class MemorySink implements Sink<number> {
  readonly told: number[] = []
  readonly batches: number[] = []
  readonly misuse: string[] = []
  closed = false
  #batch: number[] = []
  #begun = false
  #flushing = false
  readonly #stall: () => Promise<void>

  constructor(stall: () => Promise<void> = async () => {}) {
    this.#stall = stall
  }

  get delivered(): number {
    return this.told.length
  }

  async open(): Promise<void> {}

  beginBatch(): void {
    if (this.#flushing) this.misuse.push('a batch began while the last was being flushed')
    this.#begun = true
  }

  take(event: number): void {
    if (!this.#begun || this.#flushing) this.misuse.push(`${event} came outside a batch`)
    this.#batch.push(event)
  }

  account(): void {
    if (this.#flushing) this.misuse.push('an account came while a batch was being flushed')
  }

  async flush(signal: AbortSignal): Promise<void> {
    if (this.#flushing) this.misuse.push('two flushes at a time')
    this.#flushing = true
    await this.#stall()
    this.#flushing = false
    this.#begun = false
    if (this.closed || signal.aborted) return
    if (this.#batch.length > 0) this.batches.push(this.#batch.length)
    this.told.push(...this.#batch)
    this.#batch = []
  }

  close(): void {
    this.closed = true
  }
}

/** A buffer as an object whose methods can be replaced. */
function wrapped(events: MemoryBuffer): RecordBuffer<number> {
  return {
    kind: events.kind,
    capacity: events.capacity,
    received: 0,
    lost: 0,
    malformed: 0,
    drain: (take, limit) => events.drain(take, limit),
    wait: (options) => events.wait(options),
    wake: () => events.wake(),
    batches: () => events.batches(),
    close: () => {},
    [Symbol.dispose]: () => {},
  }
}

const never = new AbortController().signal
const turn = () => new Promise(setImmediate)

/** Runs as run-tool.ts does: until it is told to stop, then what is left. */
async function run(
  events: MemoryBuffer,
  sink: MemorySink,
  stop: AbortSignal,
  last: AbortSignal,
): Promise<void> {
  await pump(events, sink, stop)
  events.detached = true
  await drainRest(events, sink, last)
  discardRest(events)
}

/** What is played through: bursts of events, and what happens meanwhile, in an order that fast-check chooses. */
const play = fc.record({
  scheduler: fc.scheduler(),
  bursts: fc.array(fc.integer({ min: 0, max: 2 * BATCH }), { maxLength: 6 }),
  capacity: fc.constantFrom(100, BATCH, Number.POSITIVE_INFINITY),
  readerGoes: fc.boolean(),
  endIsCutShort: fc.boolean(),
})

describe('pump, drainRest and discardRest', () => {
  it('tell every event once, in order, and lose none that is not counted, whatever happens when', async () => {
    await fc.assert(
      fc.asyncProperty(play, async ({ scheduler, bursts, capacity, readerGoes, endIsCutShort }) => {
        const events = new MemoryBuffer(capacity)
        const sink = new MemorySink(() => scheduler.schedule(Promise.resolve()))
        const stop = new AbortController()
        const last = new AbortController()
        const sometime = (what: () => void) => void scheduler.schedule(Promise.resolve()).then(what)
        scheduler.scheduleSequence(bursts.map((size) => async () => events.produce(size)))
        sometime(() => stop.abort())
        if (readerGoes) sometime(() => sink.close())
        if (endIsCutShort) sometime(() => last.abort())
        await scheduler.waitFor(run(events, sink, stop.signal, last.signal))

        expect(sink.misuse).toEqual([])
        // No event twice, none out of order, none left out in between.
        expect(sink.told).toEqual(events.accepted.slice(0, sink.delivered))
        // All that the buffer took was read: what was not told was lost at the output, and is known to be.
        expect(events.received).toBe(events.accepted.length)
        expect(events.received + events.lost).toBe(events.produced)
        if (!readerGoes && !endIsCutShort) expect(sink.delivered).toBe(events.received)
      }),
      { numRuns: 300 },
    )
  })
})

describe('pump', () => {
  it('hands over so many at a time, and then those that are left', async () => {
    const events = new MemoryBuffer()
    const sink = new MemorySink()
    const stop = new AbortController()
    events.produce(2 * BATCH + 1)
    const pumped = pump(events, sink, stop.signal)
    await turn()
    await turn()
    await turn()
    expect(sink.batches).toEqual([BATCH, BATCH, 1])
    stop.abort()
    await pumped
  })

  it('told to end, waits for the sink as long as it is patient, and reads no more', async () => {
    const stop = new AbortController()
    const patience = new AbortController()
    const events = new MemoryBuffer()
    const stalled: (() => void)[] = []
    const sink = new MemorySink(() => new Promise((resolve) => stalled.push(resolve)))
    events.produce(3)
    const pumped = pump(events, sink, stop.signal, { patience: patience.signal })
    stop.abort()
    events.produce(1)
    await turn()
    for (const resume of stalled) resume()
    await pumped
    expect(sink.told).toEqual([0, 1, 2])
    expect(stalled).toHaveLength(1)
  })

  it('lets signals in between full batches, of which there may be no end', async () => {
    // Without end, but that a failure may end too.
    const most = 1000
    const events = new MemoryBuffer()
    const endless = {
      ...wrapped(events),
      drain: (take: (record: number) => void, limit: number) => {
        if (events.drains < most) events.produce(limit)
        return events.drain(take, limit)
      },
    }
    const stop = new AbortController()
    setImmediate(() => stop.abort())
    await pump(endless, new MemorySink(), stop.signal)
    expect(events.drains).toBeLessThan(5)
  })

  it('polls nothing: it looks again when it is woken', async () => {
    const events = new MemoryBuffer()
    const sink = new MemorySink()
    const stop = new AbortController()
    const pumped = pump(events, sink, stop.signal)
    for (let turns = 0; turns < 50; turns++) await turn()
    expect(events.drains).toBe(1)
    events.produce(3)
    await turn()
    expect(sink.told).toEqual([0, 1, 2])
    expect(events.drains).toBe(2)
    stop.abort()
    await pumped
    expect(events.drains).toBe(2)
  })

  it('reads nothing when it was stopped before it began, or its sink is closed', async () => {
    const events = new MemoryBuffer()
    events.produce(1)
    await pump(events, new MemorySink(), AbortSignal.abort())
    const closed = new MemorySink()
    closed.close()
    await pump(events, closed, never)
    expect(events.drains).toBe(0)
  })

  it('ends with the sink’s error, and leaves what it did not read in the buffer', async () => {
    const events = new MemoryBuffer()
    events.produce(BATCH + 5)
    const full = new MemorySink(() => Promise.reject(new Error('the disk is full')))
    await expect(pump(events, full, never)).rejects.toThrow('the disk is full')
    expect(events.received).toBe(BATCH)
    discardRest(events)
    expect(events.received).toBe(BATCH + 5)
  })
})

describe('drainRest', () => {
  it('delivers first what the sink still has', async () => {
    const events = new MemoryBuffer()
    const sink = new MemorySink()
    events.produce(2)
    sink.beginBatch()
    events.drain((event) => sink.take(event))
    events.produce(1)
    await drainRest(events, sink, never)
    expect(sink.batches).toEqual([2, 1])
  })

  it('gives the sink nothing more once it is closed or out of time: what it cannot deliver it would only keep', async () => {
    const events = new MemoryBuffer()
    events.produce(3 * BATCH)
    await drainRest(events, new MemorySink(), AbortSignal.abort())
    const closed = new MemorySink()
    closed.close()
    await drainRest(events, closed, never)
    expect(events.drains).toBe(0)
  })

  it('does a chore now and then, between batches, also while nothing comes', async () => {
    const events = new MemoryBuffer()
    const sink = new MemorySink()
    const stop = new AbortController()
    let times = 0
    events.produce(3)
    const run = async () => {
      times++
      sink.account()
      events.produce(1)
      if (times === 5) stop.abort()
    }
    await pump(events, sink, stop.signal, { chore: { everyMs: 1, run } })
    await drainRest(events, sink, never)
    expect(times).toBe(5)
    expect(sink.told).toHaveLength(8)
    expect(sink.misuse).toEqual([])
  })
})
