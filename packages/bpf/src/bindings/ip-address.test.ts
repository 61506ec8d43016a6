import { SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIpAddress } from './ip-address.js'

/** Node’s own text of an address, which libuv makes as inet_ntop(3) does. */
function nodeText(bytes: Uint8Array, version: 4 | 6): string {
  if (version === 4)
    return new SocketAddress({ address: bytes.subarray(0, 4).join('.'), family: 'ipv4' }).address
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  )
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

/** Groups that are zero as often as not, and `ffff` now and then. */
const group = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(0xffff) },
  { weight: 2, arbitrary: fc.nat(0xffff) },
  { weight: 1, arbitrary: fc.nat(0xff) },
)
const addresses = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff])))

describe('formatIpAddress', () => {
  it('writes IPv6 as inet_ntop does', () => {
    fc.assert(
      fc.property(addresses, (bytes) => {
        expect(formatIpAddress(bytes, 6)).toBe(nodeText(bytes, 6))
      }),
      { numRuns: 2000 },
    )
  })

  it('writes IPv4 as inet_ntop does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 16 }), (bytes) => {
        expect(formatIpAddress(bytes, 4)).toBe(nodeText(bytes, 4))
      }),
    )
  })

  // RFC 5952, sections 4 and 5.
  it.each([
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['fe800000000000000000000000000000', 'fe80::'],
  ])('writes %s as %s', (hex, text) => {
    expect(formatIpAddress(Buffer.from(hex, 'hex'), 6)).toBe(text)
  })

  it('writes nothing of a version that it does not know', () => {
    for (const version of [0, 2, 5, 10, -1]) expect(formatIpAddress(new Uint8Array(16), version)).toBe('')
  })
})
