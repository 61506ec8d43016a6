import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonString, printable, printableJson, printableLines } from './printable.js'

/**
 * What must not reach a terminal as it is, by code points: written down from the tables of Unicode 15 (UnicodeData.txt for
 * the categories, DerivedCoreProperties.txt for Default_Ignorable_Code_Point), not from the expression under test.
 */
const REFUSED: readonly (readonly [name: string, first: number, last: number])[] = [
  ['C0', 0x00, 0x1f],
  ['DEL and C1', 0x7f, 0x9f],
  ['soft hyphen', 0xad, 0xad],
  ['combining grapheme joiner', 0x34f, 0x34f],
  ['Arabic letter mark', 0x61c, 0x61c],
  ['Hangul fillers', 0x115f, 0x1160],
  ['Mongolian variation selectors and vowel separator', 0x180b, 0x180f],
  ['zero-width space, joiners, marks of direction', 0x200b, 0x200f],
  ['line and paragraph separator, embeddings and overrides', 0x2028, 0x202e],
  ['word joiner, invisible operators, isolates, deprecated marks', 0x2060, 0x206f],
  ['Hangul filler', 0x3164, 0x3164],
  ['variation selectors', 0xfe00, 0xfe0f],
  ['byte order mark', 0xfeff, 0xfeff],
  ['halfwidth Hangul filler', 0xffa0, 0xffa0],
  ['interlinear annotation', 0xfff9, 0xfffb],
  ['musical marks of begin and end', 0x1d173, 0x1d17a],
  ['language tag and tags', 0xe0001, 0xe007f],
  ['variation selectors supplement', 0xe0100, 0xe01ef],
]

function isRefused(code: number): boolean {
  return (
    (code >= 0xd800 && code <= 0xdfff) || REFUSED.some(([, first, last]) => code >= first && code <= last)
  )
}

/** Characters of a text that must not be there raw; a surrogate without its other half is a character of its own. */
function rawIn(text: string): string[] {
  return [...text].filter((character) => isRefused(character.codePointAt(0) ?? 0))
}

/** Any text at all, surrogates without their other halves too; one character of two is one that is refused. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0x10ffff }),
      fc.constantFrom(...REFUSED).chain(([, first, last]) => fc.integer({ min: first, max: last })),
      fc.integer({ min: 0xd800, max: 0xdfff }),
    ),
    { maxLength: 40 },
  )
  .map((codes) => codes.map((code) => String.fromCodePoint(code)).join(''))

describe('printable', () => {
  it.each(REFUSED)('puts a question mark for %s', (_, first, last) => {
    for (let code = first; code <= last; code++)
      expect(printable(`a${String.fromCodePoint(code)}b`), code.toString(16)).toBe('a?b')
  })

  it('lets none of them through, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(rawIn(printable(text))).toEqual([])
      }),
    )
  })

  it('keeps the number of characters, so that columns stay where they are', () => {
    fc.assert(fc.property(anyText, (text) => [...printable(text)].length === [...text].length))
  })

  it.each([
    ['ASCII', 'nginx: worker #1 [eth0] ~'],
    ['umlauts', 'größe'],
    ['a letter with its accent behind it', 'cafe\u0301'],
    ['Devanagari, whose vowels are marks', 'नमस्ते'],
    ['Arabic', 'خادم'],
    ['Chinese', '服务器'],
    ['emoji', '🐝'],
    ['a no-break space, which is seen as a space', 'a\u00a0b'],
    ['what stands for bytes that are no UTF-8', '\ufffd'],
  ])('keeps %s', (_, text) => {
    expect(printable(text)).toBe(text)
  })

  it('puts question marks for halves of a pair, and keeps a whole one', () => {
    expect(printable('\ud83d\ud83d\udc1d\udc1d')).toBe('?🐝?')
  })

  it('is not led by the terminal’s own escape sequences', () => {
    expect(printable('\u001b]0;owned\u0007\u009b31m')).toBe('?]0;owned??31m')
  })
})

describe('printableLines', () => {
  it('is printable line by line, with the line ends as they are', () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ''))
        expect(printableLines(lines.join('\n'))).toBe(lines.map(printable).join('\n'))
      }),
    )
  })
})

describe('jsonString', () => {
  it('is JSON for the text, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(JSON.parse(jsonString(text))).toBe(text)
      }),
    )
  })

  it('has none of them raw', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(rawIn(jsonString(text))).toEqual([])
      }),
    )
  })

  it('escapes one beyond U+FFFF as the pair that JSON has for it (RFC 8259, section 7)', () => {
    expect(jsonString('\u{e0041}')).toBe('"\\udb40\\udc41"')
  })

  it('leaves what can be read as it is', () => {
    expect(jsonString('größe 服务器 🐝 "quoted" \\')).toBe('"größe 服务器 🐝 \\"quoted\\" \\\\"')
  })
})

describe('printableJson', () => {
  it('has the same value, and its line ends', () => {
    const json = fc.json({ noUnicodeString: false })
    fc.assert(
      fc.property(json, anyText, (other, text) => {
        const value = { [text]: text, other: JSON.parse(other) as unknown }
        const pretty = JSON.stringify(value, undefined, 2)
        const safe = printableJson(pretty)
        expect(JSON.parse(safe)).toEqual(value)
        expect(rawIn(safe.replaceAll('\n', ''))).toEqual([])
        expect(safe.split('\n')).toHaveLength(pretty.split('\n').length)
      }),
    )
  })
})
