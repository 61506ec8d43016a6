import { describe, expect, it } from 'vitest'
import { instruction } from '../asm/instruction.js'
import { bpf_func_id } from '../sys/abi.generated.js'
import { lowerHelpers, OLDER_HELPERS } from './lower-helpers.js'

const call = (imm: number, src = 0) => instruction({ opcode: 0x85, src, imm })

describe('older helpers', () => {
  it('are those that bpf_probe_read was split from', () => {
    const { BPF_FUNC_probe_read: read, BPF_FUNC_probe_read_str: readText } = bpf_func_id
    expect(OLDER_HELPERS).toEqual(
      new Map<number, number>([
        [bpf_func_id.BPF_FUNC_probe_read_user, read],
        [bpf_func_id.BPF_FUNC_probe_read_kernel, read],
        [bpf_func_id.BPF_FUNC_probe_read_user_str, readText],
        [bpf_func_id.BPF_FUNC_probe_read_kernel_str, readText],
      ]),
    )
  })

  it('stand in for what a kernel does not have, and for nothing else', () => {
    const code = [call(113), call(115), call(130), call(113)]
    lowerHelpers(code, (helper) => helper === 115)
    expect(code.map(({ imm }) => imm)).toEqual([4, 115, 130, 4])
  })

  it('are asked for once each', () => {
    const asked: number[] = []
    lowerHelpers([call(113), call(112), call(113), call(112), call(5)], (helper) => {
      asked.push(helper)
      return true
    })
    expect(asked).toEqual([113, 112])
  })

  it('are no functions of the program, nor kfuncs, of the same number', () => {
    const code = [call(113, 1), call(113, 2), instruction({ opcode: 0xb7, imm: 113 })]
    lowerHelpers(code, () => false)
    expect(code.map(({ imm }) => imm)).toEqual([113, 113, 113])
  })
})
