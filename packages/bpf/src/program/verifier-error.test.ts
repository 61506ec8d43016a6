import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VerifierError, verifierCause } from './verifier-error.js'

/** Logs as Linux 6.18 writes them. */
const NEWER = {
  'a load from no address': [
    `0: R1=ctx() R10=fp0
0: (b7) r1 = 0                        ; R1=0
1: (79) r0 = *(u64 *)(r1 +0)
R1 invalid mem access 'scalar'
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`,
    "R1 invalid mem access 'scalar'",
  ],
  'a load past a value, whose first line says by how much': [
    `0: R1=ctx() R10=fp0
0: (62) *(u32 *)(r10 -4) = 0          ; R10=fp0 fp-8=0000????
3: (18) r1 = 0xffff8881cfb4cc00       ; R1=map_ptr(map=m,ks=4,vs=4)
5: (85) call bpf_map_lookup_elem#1    ; R0=map_value(map=m,ks=4,vs=4)
6: (15) if r0 == 0x0 goto pc+1        ; R0=map_value(map=m,ks=4,vs=4)
7: (79) r0 = *(u64 *)(r0 +8)
invalid access to map value, value_size=4 off=8 size=8
R0 min value is outside of the allowed memory range
processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`,
    'invalid access to map value, value_size=4 off=8 size=8; R0 min value is outside of the allowed memory range',
  ],
  'a loop, of which the states are told behind': [
    `0: R1=ctx() R10=fp0
0: (85) call bpf_ktime_get_ns#5       ; R0=scalar()
1: (15) if r0 == 0x0 goto pc-1 1: R0=0 R10=fp0
1: (15) if r0 == 0x0 goto pc-1        ; R0=0
infinite loop detected at insn 1
cur state: R0=0 R10=fp0
old state: R0=P0 R10=fp0
processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0
`,
    'infinite loop detected at insn 1',
  ],
  'a function that was called': [
    `0: R1=ctx() R10=fp0
0: (b7) r1 = 0                        ; R1=0
1: (85) call pc+1
caller:
 R10=fp0
callee:
 frame1: R1=0 R10=fp0
3: frame1: R1=0 R10=fp0
3: (79) r0 = *(u64 *)(r1 +0)
R1 invalid mem access 'scalar'
processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`,
    "R1 invalid mem access 'scalar'",
  ],
  'source lines, and a branch that was taken later': [
    `func#0 @0
0: R1=ctx() R10=fp0
; int on_exec(__u64 *ctx) @ execs.bpf.c:31
0: (79) r6 = *(u64 *)(r1 +0)          ; R1=ctx() R6_w=trusted_ptr_task_struct()
1: (15) if r6 == 0x0 goto pc+2        ; R6_w=trusted_ptr_task_struct()
2: (05) goto pc+1

from 1 to 4: R6=0 R10=fp0
4: R6=0 R10=fp0
; return value; @ execs.bpf.c:40
4: (95) exit
At program exit the register R0 has unknown scalar value should have been in [0, 0]
processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`,
    'At program exit the register R0 has unknown scalar value should have been in [0, 0]',
  ],
  'nothing but a verdict, before any instruction': [
    `unreachable insn 2
processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`,
    'unreachable insn 2',
  ],
  'statistics of all sorts behind': [
    `BPF program is too large. Processed 1000001 insn
verification time 2210893 usec
stack depth 0
insns processed 1000001
processed 1000001 insns (limit 1000000) max_states_per_insn 4 total_states 25001 peak_states 25001 mark_read 0
`,
    'BPF program is too large. Processed 1000001 insn',
  ],
} as const

/** As Linux 4.19 and 5.4 write them: unknown values are \`inv\`, states stand before the instruction. */
const OLDER = {
  'a load from no address': [
    `0: (b7) r1 = 0
1: (79) r0 = *(u64 *)(r1 +0)
R1 invalid mem access 'inv'
`,
    "R1 invalid mem access 'inv'",
  ],
  'a value that may not be there': [
    `0: (7a) *(u64 *)(r10 -8) = 0
1: (bf) r2 = r10
2: (07) r2 += -8
3: (18) r1 = 0xffff88007a9c3e00
5: (85) call bpf_map_lookup_elem#1
6: (79) r0 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 7 insns (limit 131072), stack depth 8
`,
    "R0 invalid mem access 'map_value_or_null'",
  ],
  'a helper that it does not know': [
    `0: (b7) r1 = 0
1: (85) call unknown#113
invalid func unknown#113
`,
    'invalid func unknown#113',
  ],
  'a helper that the program may not call': [
    `0: (85) call bpf_get_current_comm#16
unknown func bpf_get_current_comm#16
`,
    'unknown func bpf_get_current_comm#16',
  ],
  'states behind the complaint of a branch': [
    `0: (79) r6 = *(u64 *)(r1 +0)
1: (55) if r6 != 0x0 goto pc+1
 R1=ctx(id=0,off=0,imm=0) R6=inv0 R10=fp0
2: (95) exit
R0 !read_ok
from 1 to 3: R1=ctx(id=0,off=0,imm=0) R6=inv(id=0) R10=fp0
processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`,
    'R0 !read_ok',
  ],
  'arguments that it cannot tell, which is nothing bad': [
    `arg#0 type is not a struct
Unrecognized arg#0 type PTR
back-edge from insn 5 to 1
`,
    'back-edge from insn 5 to 1',
  ],
  'a jump back': ['back-edge from insn 5 to 1\n', 'back-edge from insn 5 to 1'],
  'a register that was written': [
    `0: (bf) r6 = r1
1: R1=ctx(id=0,off=0,imm=0) R6_w=ctx(id=0,off=0,imm=0) R10=fp0
1: (61) r0 = *(u32 *)(r6 +400)
2: safe
invalid bpf_context access off=400 size=4
`,
    'invalid bpf_context access off=400 size=4',
  ],
} as const

describe('verifierCause', () => {
  it.each(Object.entries(NEWER))('finds it in a newer kernel’s log of %s', (_what, [log, cause]) => {
    expect(verifierCause(log)).toBe(cause)
  })

  it.each(Object.entries(OLDER))('finds it in an older kernel’s log of %s', (_what, [log, cause]) => {
    expect(verifierCause(log)).toBe(cause)
  })

  it('is what there is, where nothing was said', () => {
    expect(verifierCause('')).toBe('nothing')
    expect(verifierCause('\n\nprocessed 3 insns (limit 1000000)\n')).toBe('nothing')
    expect(verifierCause('0: (b7) r0 = 0\n1: (95) exit\n')).toBe('1: (95) exit')
  })

  it('does not say the same twice', () => {
    expect(verifierCause('too bad\ntoo bad\n')).toBe('too bad')
  })

  it('is of any text whatever some line of it, and never fails', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        expect(verifierCause(lines.join('\n')).length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('a VerifierError', () => {
  it('has the cause in its message, and the whole log besides', () => {
    const [log] = NEWER['a load from no address']
    const error = new VerifierError('on_exec', log, { number: 13, name: 'EACCES' })
    expect(error.message).toBe(
      "Cannot load program on_exec: the verifier says: R1 invalid mem access 'scalar' (EACCES; 5 lines of log)",
    )
    expect(error).toMatchObject({ code: 'verifier', program: 'on_exec', log, errno: 13, errnoName: 'EACCES' })
  })
})
