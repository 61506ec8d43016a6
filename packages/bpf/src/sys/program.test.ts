import { describe, expect, it } from 'vitest'
import { objectName } from './program.js'

describe('objectName', () => {
  it.each([
    ['events', 'events'],
    ['.rodata', '_rodata'],
    ['a-b c/d', 'a_b_c_d'],
    ['Größe', 'Gr__e'],
    ['state_tracepoint', 'state_tracepoin'],
    ['', ''],
  ])('makes of %j what the kernel takes', (name, expected) => {
    expect(objectName(name)).toBe(expected)
  })
})
