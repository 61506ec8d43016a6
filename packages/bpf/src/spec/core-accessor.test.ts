import { describe, expect, it } from 'vitest'
import { CORE_RELOCATION_KINDS } from '../btf/btf-ext.js'
import { essentialName, relocationSubject } from './core-accessor.js'

describe('the essential name', () => {
  it.each([
    ['sock', 'sock'],
    ['sock___older', 'sock'],
    ['sock___v5_4', 'sock'],
    ['a___b___c', 'a___b'],
    // libbpf: three underscores, no more, between what is none.
    ['sock____older', 'sock____older'],
    ['sock__older', 'sock__older'],
    ['___older', '___older'],
    ['sock___', 'sock___'],
    ['_x___y', '_x'],
    ['', ''],
  ])('of %s is %s', (name, essential) => {
    expect(essentialName(name)).toBe(essential)
  })
})

describe('the subject of a relocation', () => {
  it('is a field, a type or an enumerator, as its name says', () => {
    expect(CORE_RELOCATION_KINDS.map(relocationSubject)).toEqual([
      ...Array.from({ length: 6 }, () => 'field'),
      ...Array.from({ length: 4 }, () => 'type'),
      'enumerator',
      'enumerator',
      'type',
    ])
  })
})
