import { openKernelBtf } from '@hivetap/bpf'
import { expect, it } from 'vitest'
import { describeKernel } from '../../../../../../test/support/kernel.js'
import { learnSocketLayout } from './learn.js'

/** Where the kernel itself says that a member is: the independent source. */
function memberOffset(struct: string, member: string): number | undefined {
  const found = openKernelBtf()
    ?.find('struct', struct)
    ?.type.members.find(({ name }) => name === member)
  return found === undefined ? undefined : found.bitOffset / 8
}

describeKernel('learnSocketLayout', () => {
  it('finds without BTF what the kernel’s BTF says', () => {
    expect(learnSocketLayout()).toEqual({
      error: memberOffset('sock', 'sk_err'),
      srtt: memberOffset('tcp_sock', 'srtt_us'),
    })
  })
})
