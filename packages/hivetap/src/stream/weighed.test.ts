import { describe, expect, it } from 'vitest'
import type { Sink } from './sink.js'
import { Weighed } from './weighed.js'

const never = new AbortController().signal

/** A sink that delivers as many of its events as it is let. */
class Slow implements Sink<number> {
  closed = false
  delivered = 0
  room = 0
  readonly calls: string[] = []
  readonly #queue: number[] = []

  async open(): Promise<void> {
    this.calls.push('open')
  }
  beginBatch(): void {
    this.calls.push('beginBatch')
  }
  take(event: number): void {
    this.#queue.push(event)
  }
  account(): void {
    this.calls.push('account')
  }
  async flush(): Promise<void> {
    const count = this.#queue.splice(0, this.room).length
    this.room -= count
    this.delivered += count
  }
  close(): void {
    this.closed = true
  }
}

describe('Weighed', () => {
  it('counts what the events stand for that were delivered', async () => {
    const slow = new Slow()
    const sink = new Weighed<number>((event) => event, slow)
    slow.room = 2
    for (const event of [5, 10, 100]) sink.take(event)
    expect(sink.delivered).toBe(0)
    await sink.flush(never)
    expect(sink.delivered).toBe(15)
    sink.take(1000)
    slow.room = 1
    await sink.flush(never)
    expect(sink.delivered).toBe(115)
    slow.room = 9
    await sink.flush(never)
    expect(sink.delivered).toBe(1115)
  })

  it('passes all else on', async () => {
    const slow = new Slow()
    const sink = new Weighed<number>(() => 1, slow)
    await sink.open(never)
    sink.beginBatch()
    sink.account({ tool: 'none', balance: {} as never, ended: true })
    expect(slow.calls).toEqual(['open', 'beginBatch', 'account'])
    expect(sink.closed).toBe(false)
    sink.close()
    expect(sink.closed).toBe(true)
  })
})
