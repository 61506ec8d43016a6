import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cause, causeOf } from './cause.js'

const handshake = fc.record({
  latencyUs: fc.maxSafeNat(),
  srttUs: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  retransmits: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fastOpen: fc.boolean(),
})

const CAUSES: readonly Cause[] = ['syn_loss', 'network', 'host', 'fast_open', 'unknown']

describe('causeOf', () => {
  // By the documentation: `network` up to the greater of 1 ms and half the round trip beyond it, `host` from the greater of
  // 2 ms and the round trip.
  it.each([
    // A short round trip: 1 ms and 2 ms decide.
    { srtt: 100, excess: 0, cause: 'network' },
    { srtt: 100, excess: 1000, cause: 'network' },
    { srtt: 100, excess: 1001, cause: 'unknown' },
    { srtt: 100, excess: 1999, cause: 'unknown' },
    { srtt: 100, excess: 2000, cause: 'host' },
    // At 2 ms half of it is 1 ms, and it is 2 ms.
    { srtt: 2000, excess: 1000, cause: 'network' },
    { srtt: 2000, excess: 1001, cause: 'unknown' },
    { srtt: 2000, excess: 1999, cause: 'unknown' },
    { srtt: 2000, excess: 2000, cause: 'host' },
    // A long round trip: its half and itself decide.
    { srtt: 100_000, excess: 50_000, cause: 'network' },
    { srtt: 100_000, excess: 50_001, cause: 'unknown' },
    { srtt: 100_000, excess: 99_999, cause: 'unknown' },
    { srtt: 100_000, excess: 100_000, cause: 'host' },
    // An odd round trip: half of 3001 µs is 1500.5.
    { srtt: 3001, excess: 1500, cause: 'network' },
    { srtt: 3001, excess: 1501, cause: 'unknown' },
    // The clocks' grain: the round trip may be measured longer than the handshake took.
    { srtt: 300, excess: -50, cause: 'network' },
  ])('$srtt µs round trip, $excess µs beyond it: $cause', ({ srtt, excess, cause }) => {
    const measured = { latencyUs: srtt + excess, srttUs: srtt, retransmits: 0 }
    expect(causeOf({ ...measured, fastOpen: false })).toBe(cause)
    // With Fast Open the excess is the program's; what is no excess stays the network's.
    expect(causeOf({ ...measured, fastOpen: true })).toBe(cause === 'network' ? 'network' : 'fast_open')
  })

  it.each([
    { srttUs: 0, fastOpen: false, cause: 'unknown' },
    { srttUs: 0, fastOpen: true, cause: 'unknown' },
  ])('guesses nothing without a round trip: $srttUs, Fast Open $fastOpen', ({ cause, ...rest }) => {
    for (const latencyUs of [0, 10, 5_000_000])
      expect(causeOf({ latencyUs, retransmits: 0, ...rest })).toBe(cause)
  })

  it('is the loss of a SYN whenever one was sent again, whatever else was measured', () => {
    fc.assert(
      fc.property(handshake, (measured) => {
        expect(causeOf({ ...measured, retransmits: Math.max(measured.retransmits, 1) })).toBe('syn_loss')
      }),
    )
  })

  it('has an answer for any handshake, and blames a SYN only where one was sent again', () => {
    fc.assert(
      fc.property(handshake, (measured) => {
        const cause = causeOf(measured)
        expect(CAUSES).toContain(cause)
        expect(cause === 'syn_loss').toBe(measured.retransmits > 0)
        if (!measured.fastOpen) expect(cause).not.toBe('fast_open')
      }),
    )
  })

  it('goes from network over unknown to host as a connect takes longer, and never back', () => {
    const blame: Readonly<Record<Cause, number>> = {
      network: 0,
      unknown: 1,
      fast_open: 1,
      host: 2,
      syn_loss: 3,
    }
    const srtt = fc.integer({ min: 1, max: 2 ** 32 - 1 })
    const latencies = fc.tuple(fc.nat({ max: 10_000_000 }), fc.nat({ max: 10_000_000 }))
    fc.assert(
      fc.property(srtt, latencies, fc.boolean(), (srttUs, [one, other], fastOpen) => {
        const of = (latencyUs: number) => blame[causeOf({ latencyUs, srttUs, retransmits: 0, fastOpen })]
        expect(of(Math.min(one, other))).toBeLessThanOrEqual(of(Math.max(one, other)))
      }),
    )
  })
})
