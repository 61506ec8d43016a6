import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { SystemCallError } from '../errors.js'
import { ENOTSUPP, errnoName, failed } from './errno.js'

describe('errnoName', () => {
  it('has the names of errno(3)', () => {
    // The same on every system.
    expect(errnoName(1)).toBe('EPERM')
    expect(errnoName(2)).toBe('ENOENT')
    expect(errnoName(7)).toBe('E2BIG')
    expect(errnoName(22)).toBe('EINVAL')
  })

  it('calls a number that has two names by that which the kernel has for it', () => {
    // EAGAIN was told as EWOULDBLOCK.
    expect(errnoName(constants.errno.EAGAIN)).toBe('EAGAIN')
    expect(errnoName(constants.errno.EOPNOTSUPP)).toBe('EOPNOTSUPP')
  })

  it('knows the kernel’s own ENOTSUPP, and gives any other as its number', () => {
    expect(errnoName(524)).toBe('ENOTSUPP')
    expect(errnoName(4000)).toBe('errno 4000')
  })
})

describe('failed', () => {
  it('makes an error of a negative result', () => {
    const error = failed('Cannot do it', -22, { hint: 'Do not.', needs: 'memlock' })
    expect(error).toBeInstanceOf(SystemCallError)
    expect(error).toMatchObject({
      message: 'Cannot do it: EINVAL',
      errno: 22,
      errnoName: 'EINVAL',
      hint: 'Do not.',
      needs: 'memlock',
      code: 'system_call',
      name: 'SystemCallError',
    })
    expect(failed('x', -ENOTSUPP)).toMatchObject({ message: 'x: ENOTSUPP', errno: 524 })
  })
})
