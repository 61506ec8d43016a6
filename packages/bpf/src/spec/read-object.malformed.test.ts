import { describe, expect, it } from 'vitest'
import { ElfEdit, REL, SHDR, SYM } from '../../../../test/support/elf-edit.js'
import { fixture } from '../../../../test/support/fixtures.js'
import { BpfError, InvalidSpecError } from '../errors.js'
import { readObject } from './read-object.js'

/** What is said of a fixture after something was written into it. */
function refusal(name: string, edit: (elf: ElfEdit, view: DataView) => void): BpfError {
  const elf = new ElfEdit(fixture(`${name}.bpf.o`))
  edit(elf, elf.view)
  try {
    readObject(elf.bytes)
  } catch (error) {
    if (error instanceof BpfError) return error
    throw error
  }
  throw new Error('it was read')
}

const setU64 = (at: (elf: ElfEdit) => number, value: bigint) => (elf: ElfEdit, view: DataView) =>
  view.setBigUint64(at(elf), value, true)
const setU32 = (at: (elf: ElfEdit) => number, value: number) => (elf: ElfEdit, view: DataView) =>
  view.setUint32(at(elf), value, true)
const setU16 = (at: (elf: ElfEdit) => number, value: number) => (elf: ElfEdit, view: DataView) =>
  view.setUint16(at(elf), value, true)
const setU8 = (at: (elf: ElfEdit) => number, value: number) => (elf: ElfEdit, view: DataView) =>
  view.setUint8(at(elf), value)

describe('readObject refuses', () => {
  it.each<[string, string, (elf: ElfEdit, view: DataView) => void, string]>([
    [
      'data larger than any object’s, without making room for it',
      'data',
      setU64((elf) => elf.header('.bss') + SHDR.size, 1n << 62n),
      'Cannot read section .bss: with it, data takes',
    ],
    [
      'data whose sum is too large',
      'data',
      (elf, view) => {
        for (const name of ['.bss', '.data']) {
          view.setUint32(elf.header(name) + SHDR.type, 8, true)
          view.setBigUint64(elf.header(name) + SHDR.size, 40n << 20n, true)
        }
      },
      'more than 67108864',
    ],
    [
      'data that holds addresses',
      'data',
      setU32((elf) => elf.header('.rel.BTF') + SHDR.info, 8),
      'Cannot read section .data: it holds addresses',
    ],
    [
      'a variable that ends past its section',
      'data',
      setU64((elf) => elf.symbol('counter') + SYM.value, 8n),
      'variable counter ends past it',
    ],
    [
      'two data sections of one name',
      'data',
      (elf, view) => {
        view.setUint32(
          elf.header('.rodata.more') + SHDR.name,
          view.getUint32(elf.header('.rodata'), true),
          true,
        )
      },
      'Cannot read section .rodata: there are two of that name',
    ],
    [
      'two code sections of one name',
      'calls',
      (elf, view) => {
        view.setUint32(
          elf.header('socket/first') + SHDR.name,
          view.getUint32(elf.header('socket/second'), true),
          true,
        )
      },
      'Cannot read section socket/second: there are two of that name',
    ],
    [
      'a function that ends past its section',
      'calls',
      setU64((elf) => elf.symbol('innermost') + SYM.size, 32n),
      'Cannot read function innermost: it ends past section .text',
    ],
    [
      'a function that begins past everything',
      'calls',
      setU64((elf) => elf.symbol('innermost') + SYM.value, 2n ** 64n - 8n),
      'it ends past section .text',
    ],
    [
      'a function that begins in the middle of an instruction',
      'calls',
      setU64((elf) => elf.symbol('lonely') + SYM.value, 100n),
      'it begins in the middle of an instruction',
    ],
    [
      'functions that overlap, and so would be read over and over',
      'calls',
      setU64((elf) => elf.symbol('outer') + SYM.size, 0xf0n),
      'it begins within another',
    ],
    [
      'two functions of one name',
      'calls',
      (elf, view) => view.setUint32(elf.symbol('lonely'), view.getUint32(elf.symbol('second'), true), true),
      'Cannot read function second: there are two of that name',
    ],
    [
      'a function of half an instruction',
      'calls',
      setU64((elf) => elf.symbol('lonely') + SYM.size, 12n),
      '12 bytes are no multiple of 8',
    ],
    [
      'a call to where no function begins',
      'calls',
      (elf, view) => view.setInt32(elf.section('.text') + 4, 3, true),
      'Cannot link outer: no function begins at .text+32',
    ],
    [
      'a call of what is not in the object: a kfunc, or a function of the kernel',
      'calls',
      setU16((elf) => elf.symbol('outer') + SYM.shndx, 0),
      'Cannot link first: outer is not defined in the object',
    ],
    [
      'a relocation of a kind that it does not know',
      'calls',
      setU32((elf) => elf.section('.relsocket/first') + REL.type, 3),
      'a relocation of type 3 at offset 16 is not supported',
    ],
    [
      'a 64-bit relocation of what is no 64-bit load',
      'calls',
      setU32((elf) => elf.section('.relsocket/first') + REL.type, 1),
      'a relocation of type 1 at offset 16 is not supported',
    ],
    [
      'a map that is not declared',
      'calls',
      (elf, view) => view.setUint32(elf.symbol('numbers'), view.getUint32(elf.symbol('lonely'), true), true),
      'there is no map lonely',
    ],
    [
      'a reference into a section that holds no data',
      'calls',
      setU16((elf) => elf.symbol('numbers') + SYM.shndx, 9),
      'it refers to section license, which is not supported',
    ],
    ['BTF that is none', 'calls', setU8((elf) => elf.section('.BTF'), 0), 'Cannot read BTF'],
    [
      'tables behind BTF that are none',
      'calls',
      setU8((elf) => elf.section('.BTF.ext'), 0),
      'Cannot read .BTF.ext',
    ],
  ])('%s', (_, name, edit, message) => {
    expect(refusal(name, edit).message).toContain(message)
  })

  it('variables that are none, in BTF', () => {
    // The last type of the object is the section `license`; it gets the name of .rodata, and its variable a type.
    const error = refusal('types', (elf, view) => {
      const header = elf.section('.BTF')
      const types = header + 24
      const end = types + view.getUint32(header + 12, true)
      const strings = header + 24 + view.getUint32(header + 16, true)
      const rodata = Buffer.from(elf.bytes).indexOf('.rodata\0', strings) - strings
      const [last, before] = [end - 24, end - 48]
      expect(view.getUint32(before, true)).toBe(rodata)
      view.setUint32(last + 12, 1, true)
      view.setUint32(last, rodata, true)
      view.setUint32(before, view.getUint32(last, true) - 1, true)
    })
    expect(error).toBeInstanceOf(InvalidSpecError)
    expect(error.message).toContain('type 1 in it is no variable')
  })
})

describe('readObject reads', () => {
  it('an object without BTF: code alone, its maps unknown', () => {
    const elf = new ElfEdit(fixture('instructions-v2.bpf.o'))
    for (const section of ['.BTF', '.BTF.ext']) elf.view.setUint32(elf.header(section) + SHDR.name, 0, true)
    const spec = readObject(elf.bytes)
    expect(spec.btf).toBeUndefined()
    expect(spec.maps.size).toBe(0)
    expect(spec.functions.get('loop')?.code.length).toBeGreaterThan(5)
    expect(spec.functions.get('loop')).toMatchObject({ type: undefined })
  })

  it('data without BTF, without knowing its variables', () => {
    const elf = new ElfEdit(fixture('types.bpf.o'))
    for (const section of ['.BTF', '.BTF.ext']) elf.view.setUint32(elf.header(section) + SHDR.name, 0, true)
    const rodata = readObject(elf.bytes).data.get('.rodata')
    expect(rodata?.bytes).toHaveLength(16)
    expect(rodata?.variables.size).toBe(0)
  })

  it('an object without a licence', () => {
    const elf = new ElfEdit(fixture('instructions-v2.bpf.o'))
    elf.view.setUint32(elf.header('license') + SHDR.name, 0, true)
    expect(readObject(elf.bytes).license).toBe('')
  })

  it('a licence without an end', () => {
    const elf = new ElfEdit(fixture('instructions-v2.bpf.o'))
    elf.view.setBigUint64(elf.header('license') + SHDR.size, 3n, true)
    expect(readObject(elf.bytes).license).toBe('GPL')
  })
})
