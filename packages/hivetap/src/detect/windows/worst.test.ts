import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyObservation } from '../observation.js'
import { Worst } from './worst.js'

const connects = fc.array(
  fc.record({
    key: fc.integer({ min: 0, max: 30 }),
    latencyUs: fc.integer({ min: 0, max: 500 }),
    pid: fc.nat(1000),
  }),
  { maxLength: 400 },
)

function keptOf(list: readonly { key: number; latencyUs: number; pid: number }[], most: number) {
  const worst = new Worst(most)
  for (const { key, ...more } of list) worst.take(key, { ...emptyObservation(), ...more })
  worst.settle()
  return Array.from({ length: 31 }, (_, key) =>
    worst.of(key).map(({ latencyUs, pid }) => `${latencyUs} ${pid}`),
  )
}

describe('the worst connects of many keys', () => {
  it('are the same three of each, in whatever order they come', () => {
    fc.assert(
      fc.property(connects, fc.infiniteStream(fc.nat()), (list, order) => {
        const other = list
          .map((one) => ({ one, at: order.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one)
        // With room for all, and with room for a few.
        for (const most of [10_000, 12]) expect(keptOf(other, most)).toEqual(keptOf(list, most))
      }),
      { numRuns: 100 },
    )
  })

  it('are what a list of all has first, each with all that there is of it', () => {
    const epoch = '0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00'
    fc.assert(
      fc.property(connects, (list) => {
        const worst = new Worst()
        const observation = emptyObservation()
        for (const [sequence, one] of list.entries()) {
          const { key, ...more } = one
          // One and the same is given each time, as readers do.
          worst.take(key, Object.assign(observation, more, { epoch, sequence, timeUs: sequence }))
        }
        const all = list.map((one, sequence) => ({ ...one, eventId: `${epoch}-${sequence}` }))
        for (let key = 0; key <= 30; key++) {
          const first = all
            .filter((one) => one.key === key)
            .sort((a, b) => b.latencyUs - a.latencyUs)
            .slice(0, 3)
            .map(({ latencyUs, pid, eventId }) => ({ latencyUs, pid, eventId }))
          expect(worst.of(key).map(({ latencyUs, pid, eventId }) => ({ latencyUs, pid, eventId }))).toEqual(
            first,
          )
        }
      }),
      { numRuns: 50 },
    )
  })

  it('are no more than there may be, and the worst of all', () => {
    const list = Array.from({ length: 100 }, (_, index) => ({ key: index % 31, latencyUs: index, pid: 1 }))
    const kept = keptOf(list, 10).flat()
    expect(kept.map((one) => Number(one.split(' ')[0])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, index) => 90 + index),
    )
  })
})
