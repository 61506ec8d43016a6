import { createContext, Script } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commentText, IdentifierScope, propertyKey, propertyOf, quote } from './typescript-text.js'

/** What a person would try: ends of strings and comments, escapes, lines, characters that are not seen. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '`',
        '\\',
        '*/',
        '/*',
        '//',
        '\n',
        '\r',
        '\u2028',
        '\u2029',
        '${',
        '}',
        ';',
        '\0',
      ),
      fc.constantFrom('\u202e', '\u200b', '\ufeff', '\u{e0001}', '\ud800', '__proto__', 'constructor', 'x'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))

const world = createContext({ value: {} })

/** What text is worth as code, that of a module: strict. `value` is an object with one property. */
function worth(code: string, property?: string): unknown {
  world['value'] = property === undefined ? {} : { [property]: 7 }
  return new Script(`'use strict';\n${code}`).runInContext(world)
}

describe('quote', () => {
  it('is a literal that has the very text, on one line, all of it to be seen', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(worth(quote(text))).toBe(text)
        expect(quote(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/u)
      }),
      { numRuns: 500 },
    )
  })

  it('is as people write it where nothing is odd', () => {
    expect(quote('min_latency')).toBe("'min_latency'")
    expect(quote('it\'s "so"')).toBe(`'it\\'s "so"'`)
  })
})

describe('commentText', () => {
  it('ends neither a block nor a line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(worth(`/** ${commentText(text)}. */ 7`)).toBe(7)
        expect(worth(`// ${commentText(text)}\n7`)).toBe(7)
        // Alone, it is all comment.
        expect(worth(`7 // ${commentText(text)}`)).toBe(7)
      }),
      { numRuns: 500 },
    )
  })
})

describe('properties', () => {
  it('have any name, in declarations and expressions', () => {
    fc.assert(
      fc.property(
        // No property here is called so: names are written in camelCase.
        hostile.filter((name) => name !== '__proto__'),
        (name) => {
          expect(worth(`Object.keys({ ${propertyKey(name)}: 1 }).join()`)).toBe(name)
          expect(worth(propertyOf('value', name), name)).toBe(7)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('are not quoted without need', () => {
    expect([propertyKey('a_1'), propertyKey('1a'), propertyKey('')]).toEqual(['a_1', "'1a'", "''"])
    expect(propertyOf('value', 'class')).toBe('value.class')
  })
})

describe('IdentifierScope', () => {
  const one = (scope: IdentifierScope, name: string) => scope.take((suffix) => [`${name}${suffix}`])[0]

  it('gives what is wanted if it can be had, else the same with underscores', () => {
    const scope = new IdentifierScope(['u32'])
    expect([one(scope, 'start'), one(scope, 'start'), one(scope, 'start')]).toEqual([
      'start',
      'start_',
      'start__',
    ])
    expect([one(scope, 'u32'), one(scope, 'delete'), one(scope, 'Uint8Array')]).toEqual([
      'u32_',
      'delete_',
      'Uint8Array_',
    ])
    expect([one(scope, '1st'), one(scope, 'a.b'), one(scope, '')]).toEqual(['_1st', 'a_b', '_'])
  })

  it('keeps names together: all get an underscore if one needs it', () => {
    const scope = new IdentifierScope(['OneFields'])
    const names = () => scope.take((suffix) => [`one${suffix}`, `One${suffix}`, `OneFields${suffix}`])
    expect(names()).toEqual(['one_', 'One_', 'OneFields_'])
  })

  it('gives names that can be declared, each once, whatever is wanted', () => {
    const scope = new IdentifierScope([])
    const given = new Set<string>()
    fc.assert(
      fc.property(hostile, (name) => {
        const got = one(scope, name) ?? ''
        expect(given.has(got)).toBe(false)
        given.add(got)
        expect(worth(`{ const ${got} = 7; ${got} }`)).toBe(7)
      }),
      { numRuns: 300 },
    )
  })

  it('gives no word of the language', () => {
    const scope = new IdentifierScope([])
    const words =
      'await class default enum function import interface let package static super this undefined yield'
    for (const word of words.split(' ')) expect(one(scope, word)).toBe(`${word}_`)
  })
})
