import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../../test/support/bpf-machine.js'
import { fixtureObject, fixtureText } from '../../../../test/support/fixtures.js'
import { encodeInstructions } from '../asm/codec.js'
import { instruction } from '../asm/instruction.js'
import { printInstructions } from '../asm/print.js'
import { Btf } from '../btf/btf.js'
import { InvalidSpecError, NotFoundError, UnresolvedRelocationError } from '../errors.js'
import { setConstant } from './constants.js'
import { CoreResolver } from './core-relocation.js'
import type { ObjectSpec } from './object-spec.js'
import { prepareProgram } from './prepare-program.js'

const text = (code: Parameters<typeof printInstructions>[0]) =>
  printInstructions(code)
    .split('\n')
    .map((line) => line.trim())

function resolverFor(spec: ObjectSpec, kernel: string): CoreResolver {
  const types = fixtureObject(kernel).btf
  return new CoreResolver(spec.btf ?? new Btf(new Uint8Array()), types === undefined ? [] : [types])
}

describe('a program and the functions that it calls', () => {
  const spec = fixtureObject('calls')

  it('become one piece, each once, calls leading from one to the other', () => {
    const program = prepareProgram(spec, 'first', undefined)
    expect(program.functions.map(({ name, slot }) => [name, slot])).toEqual([
      ['first', 0],
      ['outer', 12],
      ['inner', 15],
      ['innermost', 24],
    ])
    const calls = program.code.filter(({ opcode }) => opcode === 0x85)
    expect(calls.every(({ src }) => src === 1)).toBe(true)
    // A call leads to the slot behind it and so many further on.
    const slots = text(program.code).map((line) => Number(line.split(':')[0]))
    const targets = program.code.flatMap((insn, index) =>
      insn.opcode === 0x85 ? [(slots[index] ?? 0) + 1 + insn.imm] : [],
    )
    expect(targets).toEqual([12, 15, 15, 24, 24])
    expect(encodeInstructions(program.code)).toHaveLength(27 * 8)
  })

  it('leave out what is not called, and other programs', () => {
    const names = prepareProgram(spec, 'helpers', undefined).functions.map(({ name }) => name)
    expect(names).toEqual(['helpers'])
  })

  it('hold the distance of a callback in its 64-bit load', () => {
    const program = prepareProgram(spec, 'callbacks', undefined)
    const entries = new Map(program.functions.map(({ name, slot }) => [name, slot]))
    const lines = text(program.code)
    const callbacks = program.code.flatMap((insn, index) =>
      insn.reference?.kind === 'function'
        ? [[insn.reference.name, insn.src, Number(lines[index]?.split(':')[0]) + 1 + insn.imm]]
        : [],
    )
    // src 4: BPF_PSEUDO_FUNC
    expect(callbacks).toEqual([
      ['each', 4, entries.get('each')],
      ['again', 4, entries.get('again')],
    ])
    expect([...program.maps]).toEqual(['numbers'])
    expect([...program.helpers].sort((a, b) => a - b)).toEqual([164, 181])
  })

  it('have a line of source for the first instruction of each, as the kernel wants it', () => {
    const program = prepareProgram(spec, 'first', undefined)
    const source = fixtureText('calls.bpf.c').split('\n')
    for (const { line } of program.lines) expect(source[line.line - 1]).toBe(line.text)
    for (const { slot } of program.functions) expect(program.lines.map((line) => line.slot)).toContain(slot)
    const slots = program.lines.map(({ slot }) => slot)
    expect(slots).toEqual([...slots].sort((a, b) => a - b))
  })

  it('leave the specification as it was, so that it can be prepared again', () => {
    const before = text(spec.functions.get('first')?.code ?? [])
    const first = encodeInstructions(prepareProgram(spec, 'first', undefined).code)
    expect(text(spec.functions.get('first')?.code ?? [])).toEqual(before)
    expect(encodeInstructions(prepareProgram(spec, 'first', undefined).code)).toEqual(first)
  })
})

describe('constants', () => {
  it('become numbers: a program that reads nothing but them needs no data', () => {
    const program = prepareProgram(fixtureObject('data'), 'read_constants', undefined)
    expect(program.data.size).toBe(0)
    // What data.bpf.c sums up, of what it initialises, modulo 2^64; returned as an int, which a program's caller narrows.
    const unsigned = 200n + 60000n + 4000000000n + 0xfedcba9876543210n + 0n + 5n
    const signed = -100n - 30000n - 2000000000n - 9000000000000000000n
    const rest = 1n - 1n + 0xfedcba9876543210n + 101n + 3n + 20n + 7n + 8n
    expect(program.code.some(({ opcode }) => (opcode & 7) === 1)).toBe(false)
    expect(BigInt.asUintN(32, unsigned + signed + rest)).toBe(
      BigInt.asUintN(32, runProgram(program.code, { data: new Map() }, 1000)?.r0 ?? -1n),
    )
  })

  it('decide branches: maps and helpers of the other branch are not needed', () => {
    const spec = fixtureObject('data')
    const yes = prepareProgram(spec, 'branches', undefined)
    expect([[...yes.maps], [...yes.helpers], [...yes.data]]).toEqual([['ring'], [130], []])
    setConstant(spec, 'flag', false)
    const no = prepareProgram(spec, 'branches', undefined)
    expect([[...no.maps], [...no.helpers], [...no.data]]).toEqual([['perf'], [25], []])
  })

  it('keep their section where they are used by their address', () => {
    const program = prepareProgram(fixtureObject('data'), 'use_address', undefined)
    expect([...program.data].sort()).toEqual(['.bss', '.rodata'])
  })

  it('are not what programs may write', () => {
    const program = prepareProgram(fixtureObject('data'), 'use_data', undefined)
    expect([...program.data].sort()).toEqual(['.bss', '.data'])
  })
})

describe('relocations', () => {
  it('that find nothing are an error where their code can run, which names field, line and instruction', () => {
    const spec = fixtureObject('core')
    const prepare = () => prepareProgram(spec, 'load_gone', resolverFor(spec, 'core-kernel-moved'))
    expect(prepare).toThrow(UnresolvedRelocationError)
    const line = fixtureText('core.bpf.c').split('\n').indexOf('LOAD(gone)') + 1
    expect(prepare).toThrow(
      `Cannot relocate load_gone: this kernel has no field gone of struct subject (./core.bpf.c:${line})`,
    )
    try {
      prepare()
    } catch (error) {
      expect(error).toMatchObject({
        hint: 'It is needed by `r0 = *(u32 *)(r1 + 204)`; another program of the object may do without.',
      })
    }
  })

  it('that find nothing do no harm in code that cannot run', () => {
    const spec = fixtureObject('core')
    const part = spec.functions.get('load_gone')
    const never = instruction({ opcode: 0x95 })
    if (part !== undefined) {
      // `r0 = 0; if r0 == 0 goto the end` in front.
      const head = [
        instruction({ opcode: 0xb7, dst: 0, imm: 0 }),
        instruction({ opcode: 0x15, dst: 0, imm: 0, target: never }),
      ]
      part.code = [...head, ...part.code, never]
    }
    const program = prepareProgram(spec, 'load_gone', resolverFor(spec, 'core-kernel-moved'))
    expect(text(program.code)).toEqual(['0: r0 = 0', '1: exit'])
  })

  it('that find something are in the program', () => {
    const spec = fixtureObject('core')
    const program = prepareProgram(spec, 'load_word', resolverFor(spec, 'core-kernel-moved'))
    // libbpf has the same: core.on-core-kernel-moved.libbpf.jsonl
    expect(text(program.code)).toEqual(['0: r0 = *(u32 *)(r1 + 56)', '1: exit'])
  })

  it('are left alone without types to answer from', () => {
    const spec = fixtureObject('core')
    expect(text(prepareProgram(spec, 'load_word', undefined).code)).toEqual([
      '0: r0 = *(u32 *)(r1 + 4)',
      '1: exit',
    ])
  })
})

describe('prepareProgram refuses', () => {
  it('a program that there is not, and a function that is gone', () => {
    const spec = fixtureObject('calls')
    expect(() => prepareProgram(spec, 'third', undefined)).toThrow(NotFoundError)
    spec.functions.delete('innermost')
    expect(() => prepareProgram(spec, 'first', undefined)).toThrow('there is no function innermost')
  })

  it('functions of the kernel', () => {
    const spec = fixtureObject('calls')
    spec.functions.get('helpers')?.code.unshift(instruction({ opcode: 0x85, src: 2, imm: 1 }))
    expect(() => prepareProgram(spec, 'helpers', undefined)).toThrow('kfuncs are not supported')
  })

  it('a function of which nothing is left', () => {
    const spec = fixtureObject('calls')
    const part = spec.functions.get('innermost')
    // No exit: what it would return is not read.
    if (part !== undefined) part.code = [instruction({ opcode: 0xb7, dst: 0, imm: 1 })]
    expect(() => prepareProgram(spec, 'first', undefined)).toThrow(InvalidSpecError)
    expect(() => prepareProgram(spec, 'first', undefined)).toThrow('Cannot prepare function innermost')
  })

  it('names a place without a line where the object has none', () => {
    const spec = fixtureObject('core')
    const part = spec.functions.get('load_gone')
    if (part !== undefined) spec.functions.set('load_gone', { ...part, lines: new Map() })
    expect(() => prepareProgram(spec, 'load_gone', resolverFor(spec, 'core-kernel-empty'))).toThrow(
      /no field gone of struct subject$/,
    )
  })
})
