import { describe, expect, it } from 'vitest'
import { removeDeadCode } from './dead-code.js'
import { type Instruction, instruction } from './instruction.js'
import { printInstructions } from './print.js'

const exit = () => instruction({ opcode: 0x95 })
const move = (dst: number, imm: number) => instruction({ opcode: 0xb7, dst, imm })
const store = (dst: number, src: number) => instruction({ opcode: 0x7b, dst, src })
const ifZero = (dst: number, target: Instruction) => instruction({ opcode: 0x15, dst, target })
const call = (helper: number, src = 0) => instruction({ opcode: 0x85, src, imm: helper })
const jump = (target: Instruction) => instruction({ opcode: 0x05, target })

const left = (code: readonly Instruction[], unreachable: readonly Instruction[] = []) =>
  printInstructions(removeDeadCode(code, new Set(unreachable)))
    .split('\n')
    .map((line) => line.trim())

describe('removeDeadCode takes out', () => {
  it('what no jump leads to', () => {
    const end = exit()
    expect(left([jump(end), move(0, 1), store(10, 1), end])).toEqual(['0: exit'])
  })

  it('what is behind an exit', () => {
    expect(left([move(0, 1), exit(), store(10, 1), exit()])).toEqual(['0: r0 = 1', '1: exit'])
  })

  it('what it is told does not run, and leads jumps past it', () => {
    const gone = store(10, 1)
    expect(left([ifZero(1, gone), store(10, 2), gone, move(0, 1), exit()], [gone])).toEqual([
      '0: if r1 == 0 goto 2',
      '1: *(u64 *)(r10 + 0) = r2',
      '2: r0 = 1',
      '3: exit',
    ])
  })

  it('a value that is overwritten before anyone reads it, on every way', () => {
    const other = move(0, 2)
    expect(left([move(0, 1), ifZero(1, other), move(0, 3), exit(), other, exit()])).toEqual([
      '0: if r1 == 0 goto 3',
      '1: r0 = 3',
      '2: exit',
      '3: r0 = 2',
      '4: exit',
    ])
  })

  it('values that only go round in a loop', () => {
    const again = instruction({ opcode: 0x07, dst: 4, imm: 1 })
    expect(left([move(4, 0), again, store(10, 1), ifZero(1, again), move(0, 0), exit()])).toEqual([
      '0: *(u64 *)(r10 + 0) = r1',
      '1: if r1 == 0 goto 0',
      '2: r0 = 0',
      '3: exit',
    ])
  })
})

describe('removeDeadCode takes out', () => {
  // exitsnoop kept the address of a constant that had been put in as a number, since a call of bpf_get_current_cgroup_id() came
  // next: so it asked kernels before 5.2 for global data, and did not run there.
  it('what would be the argument of a helper that takes none', () => {
    expect(left([move(2, 1), call(80), exit()])).toEqual(['0: call helper#80', '1: exit'])
  })

  it('nothing that a function of the object, or of the kernel’s own, may take', () => {
    for (const src of [1, 2]) expect(left([move(2, 1), call(80, src), exit()])).toHaveLength(3)
  })
})

describe('removeDeadCode leaves', () => {
  it('a value that one of two ways reads', () => {
    const end = exit()
    const code = [move(0, 1), ifZero(1, end), move(0, 2), end]
    expect(left(code)).toHaveLength(4)
  })

  it('stores, calls and what they need', () => {
    const code = [move(3, 7), store(10, 3), move(2, 1), call(1), exit()]
    expect(left(code)).toHaveLength(5)
  })

  it('a value that the next round of a loop reads', () => {
    const again = store(10, 4)
    expect(left([move(4, 0), again, move(4, 1), ifZero(1, again), move(0, 0), exit()])).toHaveLength(6)
  })

  it('a jump over what stays, backwards too', () => {
    const first = store(10, 1)
    expect(left([first, jump(first)])).toEqual(['0: *(u64 *)(r10 + 0) = r1', '1: goto 0'])
  })
})
