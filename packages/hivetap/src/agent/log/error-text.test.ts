import { expect, it } from 'vitest'
import { errorText } from './error-text.js'

it('tells an error with what caused it, and no message twice', () => {
  const root = new Error('connect ECONNREFUSED')
  const middle = new Error('cannot reach a broker: connect ECONNREFUSED', { cause: root })
  expect(errorText(new Error('delivery failed', { cause: middle }))).toBe(
    'delivery failed: cannot reach a broker: connect ECONNREFUSED',
  )
  expect(errorText('text')).toBe('text')
  expect(errorText(undefined)).toBe('')
})

// It went round for ever: what was counted were the texts that are told, and the same text is told once.
it('ends where an error hangs on itself', () => {
  const error = new Error('round')
  error.cause = error
  expect(errorText(error)).toBe('round')
  const [one, other] = [new Error('one'), new Error('other')]
  one.cause = other
  other.cause = one
  expect(errorText(one)).toBe('one: other')
})
