import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../../test/support/bpf-machine.js'
import {
  type RandomProgram,
  randomPrograms,
  surroundingsOf,
  withProbes,
} from '../../../../test/support/random-programs.js'
import { copyInstructions, decodeInstructions, encodeInstructions } from './codec.js'
import { foldConstants } from './fold-constants.js'
import type { Instruction } from './instruction.js'
import { printInstructions } from './print.js'

/** Far more than a program of the generator takes that ends at all. */
const STEPS = 2000

function fold(code: readonly Instruction[], { rodata }: RandomProgram): Instruction[] {
  return foldConstants(copyInstructions(code), (section, offset, size) => {
    if (section !== '.rodata' || offset < 0 || offset + size > rodata.length) return undefined
    return rodata
      .subarray(offset, offset + size)
      .reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  })
}

const run = (code: readonly Instruction[], program: RandomProgram) =>
  runProgram(code, surroundingsOf(program), STEPS)

/** That one program does what another does; if not, both are shown. */
function expectSame(changed: readonly Instruction[], program: RandomProgram): void {
  const expected = run(program.code, program)
  const outcome = run(changed, program)
  const same = isDeepStrictEqual(outcome, expected)
  const texts = same ? '' : `${printInstructions(program.code)}\nbecame\n${printInstructions(changed)}`
  expect(outcome, texts).toEqual(expected)
}

/** Programs that end. */
const programs = randomPrograms.filter((program) => run(program.code, program) !== undefined)

describe('folding constants', { timeout: 60_000 }, () => {
  it('leaves a program that computes the same and does the same outside', () => {
    fc.assert(
      fc.property(programs, (program) => {
        expectSame(fold(program.code, program), program)
      }),
      { numRuns: 350 },
    )
  })

  it('derives each number that it knows as the machine does', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const probed = withProbes(program, STEPS)
        expectSame(fold(probed.code, probed), probed)
      }),
      { numRuns: 350 },
    )
  })

  it('leaves a program that can be encoded, and folded again to the same effect', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const once = fold(program.code, program)
        const twice = fold(once, program)
        expect(twice.length).toBeLessThanOrEqual(once.length)
        expectSame(twice, program)
        expect(decodeInstructions(encodeInstructions(twice))).toHaveLength(twice.length)
      }),
      { numRuns: 150 },
    )
  })

  it('shortens most programs: what it is proved of is not doing nothing', () => {
    const sample = fc.sample(programs, 200)
    const shorter = sample.filter((program) => fold(program.code, program).length < program.code.length)
    expect(shorter.length).toBeGreaterThan(100)
  })
})
