import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { totalDropped } from '../../probes/balance.js'
import { describeFleet, fleetBalances } from './fleet-account.js'
import { SessionTally } from './tally.js'

const count = fc.nat({ max: 1000 })

/** A session, as a node and this machine counted it: the node's account is exact. */
const session = fc
  .record({
    node: fc.constantFrom('a', 'b'),
    written: count,
    unwritten: count,
    lost: count,
    kept: count,
    full: count,
  })
  .map(({ node, written, unwritten, lost, kept, full }) => {
    const tally = new SessionTally(node)
    const delivered = written + unwritten + lost
    tally.tools.set('tcpconnlat', {
      ended: true,
      received: written + unwritten,
      written,
      ledger: {
        produced: delivered + kept + full,
        delivered,
        filtered: kept,
        sampled_out: 0,
        in_flight: 0,
        dropped: { map_full: full },
      },
    })
    return tally
  })

describe('the account of many nodes', () => {
  it('adds up: what was produced was told, left out or lost', () => {
    fc.assert(
      fc.property(fc.array(session, { minLength: 1 }), (sessions) => {
        const [{ balance, unaccounted } = expect.fail('none')] = fleetBalances(sessions)
        expect(unaccounted).toEqual({ nodes: [], told: 0 })
        const { produced, delivered, filtered, sampledOut, inFlight } = balance
        expect(delivered + filtered + sampledOut + inFlight + totalDropped(balance)).toBe(produced)
      }),
    )
  })

  it('takes no number that is none from a node', () => {
    const tally = new SessionTally('a')
    const dropped = { buffer_full: -5, map_full: 'many', output: 1e300, other: 7 }
    const ledger = { produced: Number.NaN, delivered: null, filtered: [], dropped, in_flight: -1 }
    tally.tools.set('tcpconnlat', { ended: true, received: 0, written: 0, ledger })
    expect(describeFleet(fleetBalances([tally]), 1)).toEqual([
      '1 node: 0 connects: 0 told, 0 left out by filters, 0 under way, 0 lost',
    ])
  })

  it('is by tool, and says of which there is none', () => {
    const tally = new SessionTally('a')
    tally.tools.set('execsnoop', { ended: false, received: 3, written: 3 })
    tally.tools.set('\u001b[2J', { ended: true, received: 0, written: 0 })
    expect(describeFleet(fleetBalances([tally]), 1)).toEqual([
      '1 node: 0 execs: 0 told, 0 left out by filters, 0 under way, 0 lost',
      'without an account, since the connection was lost: 3 execs told by a; what else happened there is not known',
      '1 node: 0 events of ?[2J: 0 told, 0 left out by filters, 0 under way, 0 lost',
    ])
  })

  it('knows no more tools of a node than there can be', () => {
    const tally = new SessionTally('a')
    for (let index = 0; index < 1000; index++) tally.of(`tool${index}`)
    expect(tally.tools.size).toBe(100)
  })
})
