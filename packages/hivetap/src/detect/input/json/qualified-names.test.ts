import { describe, expect, it } from 'vitest'
import { QualifiedNames } from './qualified-names.js'

describe('QualifiedNames', () => {
  it('puts the namespace before the name', () => {
    const names = new QualifiedNames()
    expect(names.of('shop', 'checkout')).toBe('shop/checkout')
    expect(names.of('', 'checkout')).toBe('checkout')
    expect(names.of('shop', '')).toBe('')
    expect(names.of('shop', 'checkout')).toBe('shop/checkout')
  })

  it('is right for more names than it keeps', () => {
    const names = new QualifiedNames()
    for (let round = 0; round < 2; round++)
      for (let index = 0; index < 10_000; index++)
        expect(names.of(`n${index % 100}`, `w${index}`)).toBe(`n${index % 100}/w${index}`)
  })
})
