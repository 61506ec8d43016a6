import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOTHING } from '../../../../test/support/examples.js'
import {
  type Balance,
  balanceRecord,
  type DropReason,
  describeBalance,
  hasLosses,
  totalDropped,
} from './balance.js'

const REASONS: readonly DropReason[] = ['map_full', 'end_missed', 'buffer_full', 'malformed', 'output']

describe('describeBalance', () => {
  it('says what the README promises', () => {
    expect(describeBalance({ ...NOTHING, produced: 10_000, delivered: 9990, inFlight: 10 }, 'connects')).toBe(
      '10000 connects: 9990 told, 0 left out by filters, 10 under way, 0 lost',
    )
  })

  it('gives losses by reason, each in words and by its name', () => {
    const dropped = new Map<DropReason, number>(REASONS.map((reason, index) => [reason, index + 1]))
    expect(
      describeBalance({ ...NOTHING, produced: 20, delivered: 4, filtered: 1, dropped }, 'connects'),
    ).toBe(
      '20 connects: 4 told, 1 left out by filters, 0 under way, 15 lost: 1 too many at once (map_full), ' +
        '2 their end was not seen (end_missed), 3 no room in the buffer (buffer_full), 4 not readable (malformed), ' +
        '5 not written (output)',
    )
  })

  it('says what the kernel did not run, which is in no sum', () => {
    expect(describeBalance({ ...NOTHING, missedRuns: 3 }, 'connects')).toBe(
      '0 connects: 0 told, 0 left out by filters, 0 under way, 0 lost; ' +
        '3 not seen, since the kernel does not run a program within itself (missed_runs)',
    )
  })

  it('says what was sampled, and what was cut, where there is such', () => {
    const balance = { ...NOTHING, produced: 10, delivered: 4, sampledOut: 6, truncated: 2 }
    expect(describeBalance(balance, 'execs')).toBe(
      '10 execs: 4 told, 0 left out by filters, 6 left out by sampling, 0 under way, 0 lost; ' +
        '2 told with a text that was cut (truncated)',
    )
  })

  it('has numbers in it that add up, where those of the balance do', () => {
    const count = fc.nat({ max: 1_000_000 })
    const losses = fc.uniqueArray(
      fc.tuple(fc.constantFrom(...REASONS), fc.integer({ min: 1, max: 1_000_000 })),
      {
        selector: ([reason]) => reason,
      },
    )
    fc.assert(
      fc.property(count, count, count, losses, (delivered, filtered, inFlight, lost) => {
        const dropped = new Map(lost)
        const sum = lost.reduce((total, [, value]) => total + value, 0)
        const produced = delivered + filtered + inFlight + sum
        const text = describeBalance(
          { ...NOTHING, produced, delivered, filtered, inFlight, dropped },
          'connects',
        )
        const [all = 0, ...parts] = [...text.matchAll(/\d+/g)].map(Number)
        expect(parts.slice(0, 4).reduce((total, part) => total + part, 0)).toBe(all)
        expect(parts.slice(4).reduce((total, part) => total + part, 0)).toBe(sum)
        expect(totalDropped({ ...NOTHING, dropped })).toBe(sum)
      }),
    )
  })
})

describe('balanceRecord', () => {
  it('has the names of the wire', () => {
    const balance = { ...NOTHING, produced: 9, delivered: 5, inFlight: 1, dropped: new Map([['output', 3]]) }
    expect(balanceRecord(balance as Balance)).toEqual({
      produced: 9,
      delivered: 5,
      filtered: 0,
      sampled_out: 0,
      in_flight: 1,
      dropped: { output: 3 },
      truncated: 0,
      missed_runs: 0,
    })
  })
})

describe('hasLosses', () => {
  it.each(REASONS)('is so for one lost: %s', (reason) => {
    expect(hasLosses({ ...NOTHING, dropped: new Map([[reason, 1]]) })).toBe(true)
  })

  it('is so where the kernel did not run a program', () => {
    expect(hasLosses({ ...NOTHING, missedRuns: 1 })).toBe(true)
  })

  it('is not so for what was filtered or is under way', () => {
    expect(hasLosses({ ...NOTHING, produced: 9, delivered: 3, filtered: 4, inFlight: 2 })).toBe(false)
    expect(hasLosses(NOTHING)).toBe(false)
  })
})
