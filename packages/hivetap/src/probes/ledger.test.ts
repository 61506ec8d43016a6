import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Balance, totalDropped } from './balance.js'
import { balanceOf, type Ledger, sumLedgers } from './ledger.js'

const count = fc.nat({ max: 1_000_000 })

/** What may have become of things, and the ledger and receipts that say so. */
const run = fc
  .record({
    filtered: count,
    sampledOut: count,
    mapFull: count,
    endMissed: count,
    unwanted: count,
    repeats: count,
    counted: count,
    truncated: count,
    nameless: count,
    pathless: count,
    told: count,
    underWay: count,
    refused: count,
    malformed: count,
    unwritten: count,
    unwantedHere: count,
    notRead: count,
  })
  .map(({ told, underWay, refused, malformed, unwritten, unwantedHere, notRead, ...counts }) => {
    const ended = told + refused + malformed + unwritten + unwantedHere
    const counted = counts.counted + notRead
    const ledger: Ledger = {
      ...counts,
      counted,
      events: ended + counts.repeats,
      bufferFull: refused,
      attempts:
        counts.filtered +
        counts.sampledOut +
        counts.mapFull +
        counts.endMissed +
        counts.unwanted +
        counted +
        ended +
        underWay,
    }
    const receipts = {
      received: told + counts.repeats + unwritten + unwantedHere,
      malformed,
      unwanted: unwantedHere,
      taken: counts.counted,
      delivered: told + counts.repeats + counts.counted,
    }
    return { ledger, receipts, underWay, refused, unwritten, notRead, unwantedHere }
  })

function sumOf(balance: Balance): number {
  return balance.delivered + balance.filtered + balance.sampledOut + balance.inFlight + totalDropped(balance)
}

describe('balanceOf', () => {
  it('adds up, whatever became of each thing', () => {
    fc.assert(
      fc.property(run, ({ ledger, receipts, underWay, refused, unwritten, notRead, unwantedHere }) => {
        const balance = balanceOf(ledger, { ...receipts, ended: true }, 0)
        expect(balance).toMatchObject({
          delivered: receipts.delivered,
          inFlight: underWay,
          filtered: ledger.filtered + ledger.unwanted + unwantedHere,
          sampledOut: ledger.sampledOut,
          truncated: ledger.truncated,
        })
        expect(balance.dropped.get('buffer_full') ?? 0).toBe(refused)
        expect(balance.dropped.get('output') ?? 0).toBe(unwritten)
        expect(balance.dropped.get('evicted') ?? 0).toBe(notRead)
        expect(sumOf(balance)).toBe(balance.produced)
      }),
    )
  })

  it('adds up while the run goes on: what has not come yet is under way, not lost', () => {
    fc.assert(
      fc.property(run, count, ({ ledger, receipts, underWay, unwritten, notRead, refused }, inBuffer) => {
        const going = { ...ledger, events: ledger.events + inBuffer, attempts: ledger.attempts + inBuffer }
        const balance = balanceOf(going, { ...receipts, ended: false }, 0)
        expect(balance.inFlight).toBe(underWay + inBuffer + unwritten + notRead)
        expect(balance.dropped.get('buffer_full') ?? 0).toBe(refused)
        expect(sumOf(balance)).toBe(balance.produced)
      }),
    )
  })

  it('names no reason that nothing was lost for', () => {
    const ledger = sumLedgers([])
    const balance = balanceOf(ledger, { received: 0, malformed: 0, delivered: 0, ended: true }, 3)
    expect(balance).toEqual({
      produced: 0,
      delivered: 0,
      filtered: 0,
      sampledOut: 0,
      inFlight: 0,
      dropped: new Map(),
      truncated: 0,
      missedRuns: 3,
    })
  })
})

describe('sumLedgers', () => {
  it('adds each count over all CPUs', () => {
    const names = Object.keys(sumLedgers([])) as (keyof Ledger)[]
    const cpu = (factor: number) =>
      Object.fromEntries(names.map((name, index) => [name, (index + 1) * factor])) as unknown as Ledger
    expect(names).toHaveLength(13)
    expect(sumLedgers([cpu(1), cpu(10), cpu(100)])).toEqual(cpu(111))
  })
})
