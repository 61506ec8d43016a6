import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixture } from '../../../../test/support/fixtures.js'
import { mutations, typed, walkBtf } from '../../../../test/support/hostile.js'
import { randomTypes } from '../../../../test/support/random-types.js'
import { parseElf } from '../elf/parse-elf.js'
import { Btf } from './btf.js'
import { BtfBuilder } from './btf-builder.js'
import { parseBtfExt } from './btf-ext.js'

function sectionsOf(name: string) {
  const { sections } = parseElf(fixture(`${name}.bpf.o`))
  const data = (section: string) =>
    Uint8Array.from(sections.find((candidate) => candidate.name === section)?.data ?? [])
  return { btf: data('.BTF'), ext: data('.BTF.ext') }
}

// Any other error than one of ours passes through `typed`, and fails the test.
describe('Whatever the bytes are, reading BTF ends in a value or in an error of ours', {
  timeout: 60_000,
}, () => {
  it('for bytes that begin as BTF does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(40), fc.nat(40), (bytes, types, strings) => {
        const header = new Uint8Array(24)
        const view = new DataView(header.buffer)
        view.setUint16(0, 0xeb9f, true)
        view.setUint8(2, 1)
        for (const [at, value] of [
          [4, 24],
          [12, types * 4],
          [16, types * 4],
          [20, strings],
        ] as const)
          view.setUint32(at, value, true)
        typed(() => walkBtf(new Btf(Uint8Array.from([...header, ...bytes, 0]))))
      }),
      { numRuns: 2000 },
    )
  })

  it('for types that refer to each other at random, in circles too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }).chain((count) => randomTypes(count)),
        (types) => {
          const builder = new BtfBuilder()
          for (const type of types) builder.add(type)
          walkBtf(builder.build())
        },
      ),
      { numRuns: 600 },
    )
  })

  it('for the types of an object in which some bytes were changed', () => {
    const { btf } = sectionsOf('types')
    let read = 0
    fc.assert(
      fc.property(
        mutations([
          [0, 24],
          [24, btf.length - 24],
          [24, 600],
        ]),
        (mutate) => {
          const changed = typed(() => new Btf(mutate(btf)))
          if (changed === undefined) return
          read++
          walkBtf(changed)
        },
      ),
      { numRuns: 250 },
    )
    expect(read).toBeGreaterThan(25)
  })

  it('for the tables behind them in which some bytes were changed', () => {
    const { btf, ext } = sectionsOf('core-ambiguous')
    const types = new Btf(btf)
    let read = 0
    fc.assert(
      fc.property(
        mutations([
          [0, 32],
          [32, ext.length - 32],
        ]),
        (mutate) => {
          if (typed(() => parseBtfExt(mutate(ext), types)) !== undefined) read++
        },
      ),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(200)
  })
})
