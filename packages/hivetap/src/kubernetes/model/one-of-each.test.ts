import { expect, test } from 'vitest'
import { OneOfEach } from './one-of-each.js'

test('gives back the text that it was given, also beyond its bound', () => {
  const texts = new OneOfEach(2)
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map((text) => texts.get(text))).toEqual([
    'a',
    'b',
    'a',
    'c',
    'a',
    'b',
  ])
})
