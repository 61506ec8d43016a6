import { constants } from 'node:os'
import { expect, it } from 'vitest'
import { errorCode } from './error-code.js'

it('names an error of the system, also where Node knows its number alone', () => {
  const of = (code: unknown, errno?: number) => errorCode(Object.assign(new Error('x'), { code, errno }))
  expect(of('EIO', -5)).toBe('EIO')
  expect(of('SHORT_READ')).toBe('SHORT_READ')
  expect(of('Unknown system error -116', -constants.errno.ESTALE)).toBe('ESTALE')
  expect(of('Unknown system error -122', -constants.errno.EDQUOT)).toBe('EDQUOT')
  expect(of('Unknown system error -9999', -9999)).toBeUndefined()
  expect(of(7)).toBeUndefined()
  expect(errorCode('EIO')).toBeUndefined()
})
