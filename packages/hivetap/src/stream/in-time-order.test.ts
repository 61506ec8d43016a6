import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InTimeOrder } from './in-time-order.js'
import type { EventSource } from './source.js'

const MS = 1e6

/** A buffer in memory, of times. */
function sourceOf(waiting: number[]): EventSource<number> {
  return {
    drain: (take, limit = 65_536) => {
      const events = waiting.splice(0, limit)
      for (const event of events) take(event)
      return events.length
    },
    wait: async () => {},
    wake: () => {},
  }
}

function drained(order: InTimeOrder<number>, limit = 4096): number[] {
  const out: number[] = []
  order.drain((time) => out.push(time), limit)
  return out
}

describe('InTimeOrder', () => {
  it('holds an event back until none that happened before it can come', () => {
    let now = 10 * MS
    const waiting = [9 * MS, 8 * MS]
    const order = new InTimeOrder(
      sourceOf(waiting),
      (time) => time,
      () => now,
    )
    expect(drained(order)).toEqual([])
    waiting.push(7 * MS)
    now = 13.5 * MS
    expect(drained(order)).toEqual([7 * MS, 8 * MS])
    now = 20 * MS
    expect(drained(order)).toEqual([9 * MS])
    expect(order.late).toBe(0)
  })

  it('hands out all of them, once, and in order unless they are later than its window', () => {
    const delayed = fc.array(fc.record({ at: fc.nat(1000), delay: fc.nat(20) }), { maxLength: 50 })
    fc.assert(
      fc.property(delayed, (events) => {
        let now = 0
        const waiting: number[] = []
        const order = new InTimeOrder(
          sourceOf(waiting),
          (time) => time,
          () => now * MS,
        )
        const out: number[] = []
        const byArrival = events
          .map(({ at, delay }) => ({ at, comes: at + delay }))
          .sort((a, b) => a.comes - b.comes)
        for (const { at, comes } of byArrival) {
          now = comes
          waiting.push(at * MS)
          out.push(...drained(order))
        }
        order.end()
        out.push(...drained(order))
        expect([...out].sort((a, b) => a - b)).toEqual(events.map(({ at }) => at * MS).sort((a, b) => a - b))
        let most = -1
        const outOfOrder = out.filter((time) => {
          if (time < most) return true
          most = time
          return false
        })
        expect(order.late).toBe(outOfOrder.length)
        if (events.every(({ delay }) => delay < 5)) expect(outOfOrder).toEqual([])
      }),
    )
  })

  it('hands out no more than it is told to', () => {
    const order = new InTimeOrder(
      sourceOf([1, 2, 3, 4]),
      (time) => time,
      () => 100 * MS,
    )
    expect(drained(order, 3)).toEqual([1, 2, 3])
    expect(drained(order, 3)).toEqual([4])
  })
})
