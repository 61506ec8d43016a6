import { readFileSync } from 'node:fs'
import { type Btf, openKernelBtf } from '@hivetap/bpf'
import { expect, it } from 'vitest'
import { describeKernel } from '../../../../../../test/support/kernel.js'
import { learnTaskLayout } from './learn.js'
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

/** The name, and what others are told of who we are. */
const appearance = () => [readFileSync('/proc/thread-self/comm'), readFileSync('/proc/self/cmdline')]

describeKernel('learnTaskLayout', () => {
  it('finds without BTF what the kernel’s BTF says, and leaves the thread its name', ({ skip }) => {
    const btf = openKernelBtf()
    if (btf === undefined) return skip('this kernel has no BTF to hold it against')
    const before = appearance()
    const task = (member: string) => memberOffset(btf, 'task_struct', member)
    expect(learnTaskLayout()).toEqual({
      mm: task('mm'),
      exitCode: task('exit_code'),
      tgid: task('tgid'),
      realParent: task('real_parent'),
      startTime: task('start_time'),
      comm: task('comm'),
      argStart: memberOffset(btf, 'mm_struct', 'arg_start'),
    } satisfies TaskLayout)
    expect(appearance()).toEqual(before)
  })
})
