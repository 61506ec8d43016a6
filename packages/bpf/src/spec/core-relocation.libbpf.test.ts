import { describe, expect, it } from 'vitest'
import { fixture, fixtureObject, fixtureText } from '../../../../test/support/fixtures.js'
import { copyInstructions, encodeInstructions } from '../asm/codec.js'
import { Btf } from '../btf/btf.js'
import { parseElf } from '../elf/parse-elf.js'
import { applyRelocation } from './apply-relocation.js'
import { CoreResolver } from './core-relocation.js'
import type { FunctionSpec } from './object-spec.js'

/** libbpf's word for an instruction that must not run: a call of the helper 0xbad2310 and up (test/peers). */
const LIBBPF_POISON = /^85000000....ad0b$/

/** What libbpf made of each program: a line each of X.on-KERNEL.libbpf.jsonl, written by scripts/generate-fixtures.mjs. */
interface LibbpfProgram {
  readonly program: string
  /** The bytes of each slot, in hexadecimal digits. */
  readonly slots: readonly string[]
}

function libbpfPrograms(object: string, kernel: string): LibbpfProgram[] {
  return fixtureText(`${object}.on-${kernel}.libbpf.jsonl`)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LibbpfProgram)
}

function kernelBtf(name: string): Btf {
  const section = parseElf(fixture(`${name}.bpf.o`)).sections.find((candidate) => candidate.name === '.BTF')
  return new Btf(section?.data ?? new Uint8Array())
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').match(/.{16}/g) ?? []

/** What becomes of a function's relocations, in libbpf's notation: an instruction of two slots is two. */
function relocated(part: FunctionSpec, resolver: CoreResolver): string[] {
  const code = copyInstructions(part.code)
  for (const insn of code) {
    const relocation = part.relocations.get(insn.origin)
    if (relocation !== undefined) applyRelocation(insn, resolver.answer(relocation))
  }
  return code.flatMap((insn) => {
    const text = hex(encodeInstructions([{ ...insn, target: undefined }]))
    return insn.poison === undefined ? text : text.map(() => 'poisoned')
  })
}

describe('CO-RE relocations are answered as libbpf answers them', () => {
  it.each([
    ['core', 'core-kernel-same'],
    ['core', 'core-kernel-moved'],
    ['core', 'core-kernel-resized'],
    ['core', 'core-kernel-empty'],
    ['core-bits', 'core-bits-kernel-packed'],
    ['core-bits', 'core-bits-kernel-narrow'],
    ['core-ambiguous', 'core-ambiguous-kernel-agreeing'],
  ])('%s on %s', (object, kernel) => {
    const spec = fixtureObject(object)
    const resolver = new CoreResolver(spec.btf ?? new Btf(new Uint8Array()), [kernelBtf(kernel)])
    const theirs = libbpfPrograms(object, kernel)
    expect(theirs.map(({ program }) => program).sort()).toEqual([...spec.programs.keys()].sort())
    const ours = theirs.map(({ program, slots }) => {
      const part = spec.functions.get(program)
      return { program, slots: part === undefined ? slots : relocated(part, resolver) }
    })
    const expected = theirs.map(({ program, slots }) => ({
      program,
      slots: slots.map((slot) => (LIBBPF_POISON.test(slot) ? 'poisoned' : slot)),
    }))
    expect(ours).toEqual(expected)
  })
})
