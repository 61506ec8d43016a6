import { describe, expect, it } from 'vitest'
import { printableLine } from './printable.js'

describe('printableLine', () => {
  it.each([
    ['socket/größe', 'socket/größe'],
    ['a\u001b[2Jb', 'a\\u{1b}[2Jb'],
    ['a\nb\r\t\0', 'a\\u{a}b\\u{d}\\u{9}\\u{0}'],
    ['\u009b31m\u202e\u2028\u{e0001}', '\\u{9b}31m\\u{202e}\\u{2028}\\u{e0001}'],
  ])('shows %j as %j', (text, shown) => {
    expect(printableLine(text)).toBe(shown)
  })
})
