import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { totalDropped } from './balance.js'
import { balanceOf, type Ledger, sumLedgers } from './ledger.js'

const count = fc.nat({ max: 1_000_000 })

describe('balanceOf', () => {
  it('adds up, whatever became of each thing', () => {
    fc.assert(
      fc.property(
        fc.record({
          filtered: count,
          mapFull: count,
          endMissed: count,
          unwanted: count,
          repeats: count,
          told: count,
          underWay: count,
          refused: count,
          malformed: count,
          unwritten: count,
        }),
        ({ told, underWay, refused, malformed, unwritten, ...counted }) => {
          const ended = told + refused + malformed + unwritten
          const ledger: Ledger = {
            ...counted,
            events: ended + counted.repeats,
            bufferFull: refused,
            attempts:
              counted.filtered + counted.mapFull + counted.endMissed + counted.unwanted + ended + underWay,
          }
          const delivered = told + counted.repeats
          const received = delivered + unwritten
          const balance = balanceOf(ledger, { received, malformed, delivered, missedRuns: 0 })
          expect(balance).toMatchObject({ delivered, inFlight: underWay })
          expect(balance.filtered).toBe(counted.filtered + counted.unwanted)
          expect(balance.dropped.get('buffer_full') ?? 0).toBe(refused)
          expect(balance.dropped.get('output') ?? 0).toBe(unwritten)
          expect(balance.produced).toBe(
            balance.delivered + balance.filtered + balance.inFlight + totalDropped(balance),
          )
        },
      ),
    )
  })

  it('names no reason that nothing was lost for', () => {
    const ledger = sumLedgers([])
    const balance = balanceOf(ledger, { received: 0, malformed: 0, delivered: 0, missedRuns: 3 })
    expect(balance).toEqual({
      produced: 0,
      delivered: 0,
      filtered: 0,
      inFlight: 0,
      dropped: new Map(),
      missedRuns: 3,
    })
  })
})

describe('sumLedgers', () => {
  it('adds each count over all CPUs', () => {
    const names = Object.keys(sumLedgers([])) as (keyof Ledger)[]
    const cpu = (factor: number) =>
      Object.fromEntries(names.map((name, index) => [name, (index + 1) * factor])) as unknown as Ledger
    expect(names).toHaveLength(8)
    expect(sumLedgers([cpu(1), cpu(10), cpu(100)])).toEqual(cpu(111))
  })
})
