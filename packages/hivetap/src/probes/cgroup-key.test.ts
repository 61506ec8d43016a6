import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cgroupKey, inodeOfKey, isOfV1 } from './cgroup-key.js'

const OF_V1 = 1n << 63n

describe('inodeOfKey', () => {
  it('takes a number and a bigint, and knows version 1 by the highest bit', () => {
    expect(inodeOfKey(4711)).toEqual({ version: 2, inode: 4711 })
    expect(inodeOfKey(4711n)).toEqual({ version: 2, inode: 4711 })
    expect(inodeOfKey(OF_V1 | 4711n)).toEqual({ version: 1, inode: 4711 })
    expect(inodeOfKey(2 ** 32 + 7)).toEqual({ version: 2, inode: 2 ** 32 + 7 })
  })

  it.each([0, 0n, OF_V1, -1, -1n, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63, 2n ** 62n])(
    'is of no cgroup: %s',
    (key) => {
      expect(inodeOfKey(key)).toBeUndefined()
    },
  )

  it('takes any key', () => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.double()), (key) => {
        const found = inodeOfKey(key)
        if (found === undefined) return
        const again = found.version === 1 ? OF_V1 | BigInt(found.inode) : BigInt(found.inode)
        expect(again).toBe(BigInt(key))
      }),
    )
  })
})

describe('the key of a cgroup', () => {
  it('is its inode, and tells the versions apart', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: (1n << 63n) - 1n }), (inode) => {
        expect(cgroupKey(inode, 2)).toBe(inode)
        expect(BigInt.asUintN(63, cgroupKey(inode, 1))).toBe(inode)
        expect([isOfV1(cgroupKey(inode, 1)), isOfV1(cgroupKey(inode, 2))]).toEqual([true, false])
      }),
    )
  })
})
