import { describe, expect, it } from 'vitest'
import { readFixture } from '../../../../test/support/fixture.js'
import type { ObjectSpec } from '../spec/object-spec.js'
import type { Btf } from './btf.js'
import { layoutText } from './layout-text.js'

function btfOf({ btf }: ObjectSpec): Btf {
  if (btf === undefined) throw new Error('the fixture has no BTF')
  return btf
}

describe('the layout of a type, as text', () => {
  it('is the same of the same object, and another of another type', () => {
    const [one, two] = [btfOf(readFixture('hooks')), btfOf(readFixture('hooks'))]
    const texts = new Set<string>()
    for (const [id, type] of one.types()) {
      const text = layoutText(one, id)
      expect(layoutText(two, id)).toBe(text)
      if (type.kind === 'struct') texts.add(text)
    }
    expect(texts.size).toBeGreaterThan(1)
  })

  it('tells members, places and sizes', () => {
    const btf = btfOf(readFixture('emit'))
    const [id] = [...btf.types()].flatMap(([at, type]) =>
      type.kind === 'struct' && type.members.length > 1 ? [at] : [],
    )
    expect(layoutText(btf, id ?? 0)).toMatch(/^struct \d+ \{\w*@0:0 .+; \w*@\d+:0 /)
  })
})
