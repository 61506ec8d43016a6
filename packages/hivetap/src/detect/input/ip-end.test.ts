import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ipEnd, isAddress, isPort } from './ip-end.js'

describe('isAddress', () => {
  it('takes each address as inet_ntop writes it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        expect(isIP(address)).not.toBe(0)
        expect(isAddress(address)).toBe(true)
      }),
    )
    expect(isAddress('::ffff:10.0.0.1')).toBe(true)
    expect(isAddress('::')).toBe(true)
  })

  it.each([
    '',
    '10.0.0',
    '443',
    'localhost',
    '10.0.0.1:443',
    '12:34',
    'fe80::1%eth0',
    'a:b:c:'.repeat(20),
    '::g',
  ])('does not take %j', (text) => {
    expect(isAddress(text)).toBe(false)
  })
})

describe('ipEnd', () => {
  it('writes addresses of IPv6 in brackets', () => {
    expect(ipEnd('10.0.0.1', 443)).toBe('10.0.0.1:443')
    expect(ipEnd('2001:db8::1', 443)).toBe('[2001:db8::1]:443')
  })

  it('knows a port', () => {
    expect([0, 65_535, 65_536, -1, 1.5].map(isPort)).toEqual([true, true, false, false, false])
  })
})
