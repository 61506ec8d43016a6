import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { mountsOf, newMounts } from '../../../../test/support/mounts.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { FileDescriptor } from './file-descriptor.js'
import { mountAndDetach, mountPrivately } from './private-mount.js'

const ENOENT = 2
const EPERM = 1
const ENODEV = 19

let folder = ''
let folderBefore: string | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-test-'))
  folderBefore = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
})

afterEach(() => {
  if (folderBefore === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = folderBefore
  rmSync(folder, { recursive: true, force: true })
})

function mounted(result: FileDescriptor | number): FileDescriptor {
  if (typeof result === 'number') throw new Error(`not mounted: ${result}`)
  return result
}

// The second is what kernels without fsopen(2) get, the first what others do.
describeKernel.each([
  ['mountPrivately', mountPrivately],
  ['mountAndDetach', mountAndDetach],
])('%s', (_name, mount) => {
  it('gives a file system that nobody sees', () => {
    const before = mountsOf('tracefs')
    using root = mounted(mount('tracefs'))
    expect(readdirSync(`/proc/self/fd/${root.number}/events`)).toContain('sched')
    expect(newMounts('tracefs', before)).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  })

  it('leaves nothing when it is closed', () => {
    const before = [...openFiles().keys()]
    const root = mounted(mount('tracefs'))
    expect([...openFiles().keys()]).not.toEqual(before)
    root.close()
    expect([...openFiles().keys()]).toEqual(before)
  })

  it('says that the kernel has no such file system, and leaves no folder and no descriptor', () => {
    const before = [...openFiles().keys()]
    expect(mount('nosuchfs')).toBe(-ENODEV)
    expect(readdirSync(folder)).toEqual([])
    expect([...openFiles().keys()]).toEqual(before)
  })

  it('says that it is not permitted, and leaves no folder and no descriptor', () => {
    const before = [...openFiles().keys()]
    expect(withCapabilities(['CAP_BPF', 'CAP_PERFMON'], () => mount('tracefs'))).toBe(-EPERM)
    expect(readdirSync(folder)).toEqual([])
    expect([...openFiles().keys()]).toEqual(before)
  })
})

describeKernel('mountAndDetach', () => {
  it('gives the error number of a folder that cannot be made', () => {
    // It was given positive, which is not one.
    process.env['TMPDIR'] = join(folder, 'not-there')
    expect(mountAndDetach('tracefs')).toBe(-ENOENT)
    mkdirSync(join(folder, 'not-there'))
    using root = mounted(mountAndDetach('tracefs'))
    expect(root).toBeInstanceOf(FileDescriptor)
  })
})
