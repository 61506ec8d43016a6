import { describe, expect, it } from 'vitest'
import { Accountant } from '../audit/accountant.js'
import { type Audit, auditOf } from '../audit/audit.js'
import { sizeOf } from '../audit/range.js'
import type { EpochTruth, FleetOptions } from './fleet-options.js'
import { simulateFleet } from './simulate-fleet.js'

/** The audit of a fleet, and the truth. */
function audited(options: Partial<FleetOptions>): { found: Audit; truth: readonly EpochTruth[] } {
  const accountant = new Accountant({ graceMs: 180_000, limits: { contents: 2 ** 12 } })
  const { batches, truth } = simulateFleet(options)
  for (const { lines } of batches) for (const line of lines) accountant.take(Buffer.from(line), () => line)
  return { found: auditOf(accountant, {}), truth }
}

/** What an audit found, in the truth's words. */
function told(found: Audit): readonly EpochTruth[] {
  return found.epochs.map(({ node, epoch, stream, duplicates, kernel }) => ({
    node,
    epoch,
    state: stream.state as EpochTruth['state'],
    produced: stream.produced,
    received: stream.received,
    events: stream.events,
    duplicates,
    lost: Object.fromEntries(stream.lost.map(({ reason, count }) => [reason, count])),
    missing: sizeOf(stream.missing),
    tools: Object.fromEntries(
      kernel.tools.map(({ said }) => [
        said.tool,
        { produced: said.produced - said.inFlight, delivered: said.delivered },
      ]),
    ),
  }))
}

const byEpoch = (truth: readonly EpochTruth[]) => [...truth].sort((a, b) => (a.epoch < b.epoch ? -1 : 1))

describe('simulateFleet', () => {
  it.each([
    ['nothing goes wrong', {}, 'proven'],
    ['batches are sent again', { duplicates: 0.2 }, 'proven'],
    ['batches overtake each other', { reorder: 0.3 }, 'proven'],
    ['losses are declared', { declaredLosses: 0.2 }, 'proven'],
    ['losses are not declared', { holes: 0.1 }, 'missing'],
    ['runs are killed', { cut: 0.7, epochs: 5 }, 'without_account'],
    [
      'everything at once',
      { duplicates: 0.2, reorder: 0.3, declaredLosses: 0.2, holes: 0.1, cut: 0.5, epochs: 4 },
      'missing',
    ],
  ] as const)('%s: the audit finds what is true', (_, faults, verdict) => {
    for (let seed = 1; seed <= 3; seed++) {
      const { found, truth } = audited({ ...faults, seed, nodes: 3, events: 250 })
      expect(byEpoch(told(found))).toEqual(byEpoch(truth))
      expect(found.verdict).toBe(verdict)
      expect(found.epochs.flatMap(({ contradictions }) => contradictions)).toEqual([])
    }
  })

  it('is the same for the same seed, and another for another', () => {
    const text = (seed: number) =>
      [...simulateFleet({ seed, events: 50 }).batches].flatMap(({ lines }) => lines).join('')
    expect(text(7)).toBe(text(7))
    expect(text(7)).not.toBe(text(8))
  })
})
