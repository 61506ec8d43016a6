import { readFileSync } from 'node:fs'
import { type Btf, openKernelBtf } from '@hivetap/bpf'
import { expect, it, vi } from 'vitest'
import { describeKernel } from '../../../../../../test/support/kernel.js'
import { restrictKernel } from '../../../../../../test/support/older-kernel.js'
import { LINUX_4_19 } from '../../../../../../test/support/older-kernel-names.mjs'
import type { TaskLayout } from './task-layout.js'

/** Where the kernel itself says that a member is, in bytes: the independent source. */
function memberOffset(btf: Btf, struct: string, member: string): number | undefined {
  const found = btf.find('struct', struct)
  return found === undefined ? undefined : offsetWithin(btf, found.id, member)
}

/** Looks into structs and unions without a name as well: their members are as if they were the struct's own. */
function offsetWithin(btf: Btf, id: number, member: string): number | undefined {
  const { type } = btf.resolve(id)
  if (type.kind !== 'struct' && type.kind !== 'union') return undefined
  for (const { name, bitOffset, type: inner } of type.members) {
    if (name === member) return bitOffset / 8
    const within = name === '' ? offsetWithin(btf, inner, member) : undefined
    if (within !== undefined) return bitOffset / 8 + within
  }
  return undefined
}

/** What the kernel's own types say; `undefined` where it has none. */
function layoutByBtf(): TaskLayout | undefined {
  const btf = openKernelBtf()
  if (btf === undefined) return undefined
  const task = (member: string) => memberOffset(btf, 'task_struct', member)
  return {
    mm: task('mm'),
    exitCode: task('exit_code'),
    tgid: task('tgid'),
    realParent: task('real_parent'),
    startTime: task('start_time'),
    comm: task('comm'),
    argStart: memberOffset(btf, 'mm_struct', 'arg_start'),
  }
}

/** What others are told of who we are. */
const appearance = () => [readFileSync('/proc/thread-self/comm'), readFileSync('/proc/self/cmdline')]

/** It learns once: each test has modules of its own. */
async function afresh() {
  vi.resetModules()
  const { interposeBpf } = await import('../../../../../bpf/src/sys/bpf.js')
  const { learnTaskLayout } = await import('./learn.js')
  return { interposeBpf, learnTaskLayout }
}

describeKernel('learnTaskLayout', () => {
  it('finds without BTF what the kernel’s BTF says, and leaves the thread its name', async ({ skip }) => {
    const expected = layoutByBtf()
    if (expected === undefined) return skip('this kernel has no BTF to hold it against')
    const { learnTaskLayout } = await afresh()
    const before = appearance()
    expect(learnTaskLayout()).toEqual(expected)
    expect(appearance()).toEqual(before)
  })

  it('does on a kernel that takes no more than Linux 4.19 did', async ({ skip }) => {
    const expected = layoutByBtf()
    if (expected === undefined) return skip('this kernel has no BTF to hold it against')
    const { interposeBpf, learnTaskLayout } = await afresh()
    const { refusals, restore } = restrictKernel(interposeBpf, LINUX_4_19)
    try {
      expect(learnTaskLayout()).toEqual(expected)
    } finally {
      restore()
    }
    // It asked for bpf_probe_read_kernel, and got along without.
    expect(refusals.get('helpers of 5.4')).toBeGreaterThan(0)
  })
})
