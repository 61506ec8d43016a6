import { runInThisContext } from 'node:vm'
import { expect, it } from 'vitest'
import { inOneByte } from './in-one-byte.mjs'

it('writes texts, templates and expressions so that they are the same', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
  const code = "[`a’${'…'}b`, '😀é', /^[’😀]+$/u.test('😀’'), '\\\\u2026'] // …"
  const narrow = inOneByte(code)
  expect(Math.max(...Array.from(narrow, (one) => one.charCodeAt(0)))).toBe('é'.charCodeAt(0))
  expect(runInThisContext(narrow)).toEqual(['a’…b', '😀é', true, '\\u2026'])
})

it('leaves alone what has none, and refuses what it could change', () => {
  expect(inOneByte('String.raw`é`')).toBe('String.raw`é`')
  expect(() => inOneByte('String.raw`…`')).toThrow('String.raw')
})
