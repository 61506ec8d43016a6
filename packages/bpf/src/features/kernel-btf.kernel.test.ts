import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { hasCommand } from '../../../../test/support/commands.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { BtfBuilder } from '../btf/btf-builder.js'
import { MalformedBtfError, NotFoundError } from '../errors.js'
import { KERNEL_BTF_PATH, openKernelBtf, readBtfFile, releaseKernelBtf } from './kernel-btf.js'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-btf-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

describeKernel('openKernelBtf', () => {
  it('has the kernel’s types exactly where the kernel has them to give', () => {
    expect(openKernelBtf()?.find('struct', 'task_struct') !== undefined).toBe(existsSync(KERNEL_BTF_PATH))
  })

  it('reads them once, until they are let go of', () => {
    const first = openKernelBtf()
    expect(openKernelBtf()).toBe(first)
    releaseKernelBtf()
    const second = openKernelBtf()
    if (first !== undefined) expect(second).not.toBe(first)
    expect(second?.endId).toBe(first?.endId)
  })

  it.skipIf(!hasCommand('unshare'))('has none where they are hidden, and fails where they are no BTF', () => {
    const script = `mount -t tmpfs none /sys/kernel/btf || exit 1; exec "$0" "$@"`
    const answers = runBuilt<unknown>(
      `const { openKernelBtf } = await import(dist + 'features/kernel-btf.js')
       const { writeFileSync } = await import('node:fs')
       answer(openKernelBtf() === undefined)
       writeFileSync('/sys/kernel/btf/vmlinux', 'no types at all')
       try { openKernelBtf() } catch (error) { answer(error.code) }`,
      { prefix: ['unshare', '-m', 'sh', '-c', script] },
    )
    expect(answers).toEqual([true, 'malformed_btf'])
  })
})

describeKernel('readBtfFile', () => {
  it('reads types from a file', () => {
    const builder = new BtfBuilder()
    builder.add({ kind: 'fwd', name: 'sock', union: false })
    const path = join(folder, 'some.btf')
    writeFileSync(path, builder.bytes())
    expect(readBtfFile(path).type(1)).toMatchObject({ kind: 'fwd', name: 'sock' })
  })

  it.each([
    ['a file that is not there', 'not-there', 'ENOENT'],
    ['a folder', '.', 'EISDIR'],
  ])('says of %s which it is', (_what, name, errno) => {
    const path = join(folder, name)
    expect(() => readBtfFile(path)).toThrow(new NotFoundError(`Cannot read BTF from ${path}: ${errno}`))
  })

  it('does not take what is no BTF', () => {
    const path = join(folder, 'text')
    writeFileSync(path, 'this is no BTF, and long enough for its header')
    expect(() => readBtfFile(path)).toThrow(MalformedBtfError)
  })
})
