import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainAddress } from './ip-address.js'

/** What the URL parser, which knows RFC 5952, makes of an IPv6 address. */
function byUrl(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1)
}

describe('the plain form of an address', () => {
  it('is that of RFC 5952, for whatever way an IPv6 address is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const plain = plainAddress(address)
        const url = byUrl(address)
        // `::ffff:0` has its ffff a group further on: it is `::255.255.0.0`.
        if (/^::ffff:[0-9a-f]+:[0-9a-f]+$/.test(url)) expect(isIP(plain ?? '')).toBe(4)
        else expect(plain).toBe(url)
      }),
      { numRuns: 1000, examples: [['::255.255.0.0'], ['::ffff:0.0.0.0']] },
    )
  })

  it('is IPv4 where that stands within IPv6', () => {
    for (const written of ['::ffff:10.1.2.3', '::FFFF:a01:203', '0:0:0:0:0:ffff:10.1.2.3', '10.1.2.3'])
      expect(plainAddress(written)).toBe('10.1.2.3')
  })

  it('is none of what is no address, as the system has it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: fc.constantFrom('1', '0', 'f', ':', '::', '.', '256', '%', 'g'), maxLength: 12 }),
          fc.ipV4(),
          fc.ipV4Extended(),
          fc.string(),
        ),
        (text) => {
          expect(plainAddress(text) !== undefined).toBe(isIP(text) !== 0 && !text.includes('%'))
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('is none of an address of a link alone', () => {
    expect(plainAddress('fe80::1%eth0')).toBeUndefined()
  })
})
