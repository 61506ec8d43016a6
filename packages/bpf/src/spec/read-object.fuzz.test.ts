import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixture } from '../../../../test/support/fixtures.js'
import { elfRegions, mutations, typed, walkObject } from '../../../../test/support/hostile.js'
import { parseElf } from '../elf/parse-elf.js'
import { readObject } from './read-object.js'

/** Sections that anyone made up, behind a header that is right and their names: each header a name, type, flags, place, link and info. */
const madeUp = fc
  .array(
    fc.record({
      name: fc.nat(40),
      type: fc.constantFrom(0, 1, 1, 1, 2, 3, 8, 9),
      flags: fc.nat(7),
      offset: fc.nat(600),
      size: fc.oneof(
        fc.nat(10).map((count) => count * 8),
        fc.nat(300),
        fc.constantFrom(24, 48, 2 ** 40),
      ),
      link: fc.nat(9),
      info: fc.nat(9),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .chain((sections) =>
    fc.record({
      sections: fc.constant([
        { name: 0, type: 3, flags: 0, offset: 0, size: 100, link: 0, info: 0 },
        ...sections,
      ]),
      names: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(8) }),
      data: fc.uint8Array({ minLength: 300, maxLength: 300 }),
    }),
  )
  .map(({ sections, names, data }) => {
    const bytes = new Uint8Array(64 + sections.length * 64 + data.length)
    const view = new DataView(bytes.buffer)
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    view.setUint16(18, 247, true)
    view.setBigUint64(40, 64n, true)
    view.setUint16(58, 64, true)
    view.setUint16(60, sections.length, true)
    view.setUint16(62, names, true)
    const behind = 64 + sections.length * 64
    for (const [index, section] of sections.entries()) {
      const at = 64 + index * 64
      view.setUint32(at, section.name, true)
      view.setUint32(at + 4, section.type, true)
      view.setUint32(at + 8, section.flags, true)
      view.setBigUint64(at + 24, BigInt(index === 0 ? behind : section.offset), true)
      view.setBigUint64(at + 32, BigInt(section.size), true)
      view.setUint32(at + 40, section.link, true)
      view.setUint32(at + 44, section.info, true)
    }
    // Names that are there: a few letters, NULs between.
    bytes.set(
      data.map((byte) => (byte % 3 === 0 ? 0 : byte)),
      behind,
    )
    return bytes
  })

// Any other error than one of ours passes through `typed`, and fails the test.
describe('Whatever the bytes are, reading an object ends in a value or in an error of ours', {
  timeout: 60_000,
}, () => {
  it('for bytes that anyone wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        walkObject(bytes)
      }),
      { numRuns: 500 },
    )
  })

  it('for sections that anyone made up', () => {
    let read = 0
    fc.assert(
      fc.property(madeUp, (bytes) => {
        if (typed(() => parseElf(bytes)) !== undefined) read++
        walkObject(bytes)
      }),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(100)
  })

  it.each([
    ['calls', 100],
    ['types', 80],
    ['maps', 70],
    ['core-ambiguous', 150],
    ['data', 30],
    ['records', 30],
  ])('for %s.bpf.o in which some bytes were changed', (name, numRuns) => {
    const bytes = fixture(`${name}.bpf.o`)
    let read = 0
    fc.assert(
      fc.property(mutations(elfRegions(bytes)), (mutate) => {
        const changed = mutate(bytes)
        if (typed(() => readObject(changed)) !== undefined) read++
        walkObject(changed)
      }),
      { numRuns },
    )
    // Not all die at the door: what is behind it is reached.
    expect(read).toBeGreaterThan(numRuns / 10)
  })
})
