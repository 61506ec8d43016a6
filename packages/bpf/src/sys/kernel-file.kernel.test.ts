import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeKernel } from '../../../../test/support/kernel.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { KERNEL_BTF_PATH } from '../features/kernel-btf.js'
import { readKernelFile } from './kernel-file.js'

describeKernel('readKernelFile', () => {
  it.skipIf(!existsSync(KERNEL_BTF_PATH))('reads what Node reads', () => {
    const before = openFiles()
    expect(Buffer.from(readKernelFile(KERNEL_BTF_PATH)).equals(readFileSync(KERNEL_BTF_PATH))).toBe(true)
    expect(openFiles()).toEqual(before)
  })

  it('says what it could not read, and leaves nothing open', () => {
    const before = openFiles()
    expect(() => readKernelFile('/usr')).toThrow('Cannot read /usr: EISDIR')
    expect(() => readKernelFile('/sys/kernel/nothing')).toThrow(/ENOENT/)
    expect(openFiles()).toEqual(before)
  })
})
