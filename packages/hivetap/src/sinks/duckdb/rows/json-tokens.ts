import { isUtf8 } from 'node:buffer'
import type { TextArena } from './text-arena.js'

/** Digits of an integer that is exact in a double, whatever they are. */
const MOST_DIGITS = 15
/** Exact powers of ten. */
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]
const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const ZERO = 0x30
const POINT = 0x2e

/** What a letter behind a backslash stands for; 0 for what is not read here. */
const ESCAPES = new Uint8Array(256)
for (const [letter, byte] of Object.entries({
  '"': 0x22,
  '\\': 0x5c,
  '/': 0x2f,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
}))
  ESCAPES[letter.charCodeAt(0)] = byte

/**
 * Values of JSON as they nearly always stand in a line. Each reads one from `at` on and returns the place behind it, or -1
 * where it is anything else: not a value of that kind, no JSON, or one that takes the parser. A zero stands behind the line.
 */
export class JsonTokens {
  /** The number that was read last. */
  number = 0

  /** A text; its bytes are added to the arena, which has room for them. No `\u`, no invalid UTF-8. */
  text(line: Uint8Array, at: number, arena: TextArena): number {
    if (line[at] !== QUOTE) return -1
    const { bytes } = arena
    const begin = at + 1
    let place = begin
    let to = arena.used
    let bits = 0
    for (;;) {
      let byte = line[place++] as number
      if (byte === QUOTE) break
      if (byte < 0x20) return -1
      if (byte === BACKSLASH) {
        byte = ESCAPES[line[place++] as number] as number
        if (byte === 0) return -1
      }
      bits |= byte
      bytes[to++] = byte
    }
    if (bits >= 0x80 && !isUtf8(line.subarray(begin, place - 1))) return -1
    arena.used = to
    return place
  }

  /** An integer of at most 15 digits. */
  integer(line: Uint8Array, at: number): number {
    const isNegative = line[at] === MINUS
    const begin = isNegative ? at + 1 : at
    let place = begin
    let value = 0
    for (;;) {
      const digit = (line[place] as number) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      place++
    }
    const digits = place - begin
    if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && line[begin] === ZERO)) return -1
    this.number = isNegative ? -value : value
    return place
  }

  /** A number of at most 15 digits, with a point or without: the quotient of two exact numbers is the nearest to it. */
  decimal(line: Uint8Array, at: number): number {
    const point = this.integer(line, at)
    if (point < 0 || line[point] !== POINT) return point
    const isNegative = line[at] === MINUS
    let value = Math.abs(this.number)
    let place = point + 1
    for (;;) {
      const digit = (line[place] as number) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      place++
    }
    const fraction = place - point - 1
    if (fraction === 0 || place - at > MOST_DIGITS) return -1
    this.number = (isNegative ? -value : value) / (POWERS[fraction] as number)
    return place
  }

  /** `true` or `false`: 1 or 0 as the number. */
  boolean(view: DataView, at: number): number {
    const word = view.getInt32(at, true)
    if (word === TRUE) {
      this.number = 1
      return at + 4
    }
    this.number = 0
    return word === FALS && view.getUint8(at + 4) === 0x65 ? at + 5 : -1
  }
}

const TRUE = 0x65757274
const FALS = 0x736c6166
