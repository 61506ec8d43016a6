import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { openKernelBtf } from '@hivetap/bpf'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bpffs, canMountBpffs, mountedBpffs } from '../../../../test/support/bpffs.js'
import { HIVETAP } from '../../../../test/support/hivetap.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import {
  expectNothingLeft,
  type KernelState,
  kernelState,
} from '../../../../test/support/kernel-leftovers.js'
import { openPinned } from '../pinned/open-pinned.js'
import { execsnoop } from '../probes/execsnoop/execsnoop.js'

let bpffs: Bpffs
let directory: string
let before: KernelState

function unpin(args: readonly string[], prefix: readonly string[] = []) {
  const [command = '', ...rest] = [...prefix, process.execPath, HIVETAP, 'unpin', ...args]
  const { stdout, stderr, status } = spawnSync(command, rest, { encoding: 'utf8' })
  return { stdout, stderr, status }
}

/** Only execs of this process, which makes none. */
const open = () =>
  openPinned([{ tool: execsnoop, options: { pid: process.pid } }], { directory, version: 'test' })

describeKernelIf(canMountBpffs() && openKernelBtf() !== undefined)('hivetap unpin', () => {
  beforeEach(() => {
    bpffs = mountedBpffs()
    directory = join(bpffs.path, 'hivetap')
    before = kernelState()
  })
  afterEach(async () => {
    bpffs.close()
    await expectNothingLeft(before)
  })

  it('removes all of it, and says what it was', () => {
    const run = open()
    const since = new Date(run.since).toISOString()
    run.close()
    expect(unpin(['--directory', directory])).toEqual({
      stdout: `Removed from ${directory}: execsnoop, attached since ${since}.\nIn the buffer were 0 events that were not read.\n`,
      stderr: '',
      status: 0,
    })
    expect(existsSync(directory)).toBe(false)
    expect(unpin(['--directory', directory])).toEqual({
      stdout: `Nothing is pinned at ${directory}.\n`,
      stderr: '',
      status: 0,
    })
  })

  it('leaves what another process uses, unless it is forced', () => {
    using _run = open()
    const { stderr, status, stdout } = unpin(['--directory', directory])
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(`process ${process.pid} does`)
    expect(stderr).toContain('--force')
    const forced = unpin(['--directory', directory, '--force'])
    expect(forced).toMatchObject({ status: 0, stderr: '' })
    expect(forced.stdout).toContain(`Process ${process.pid} used it, and goes on with what it has open.`)
    expect(existsSync(directory)).toBe(false)
  })

  it('says why it cannot', () => {
    open().close()
    const elsewhere = unpin(['--directory', '/proc/self'])
    expect(elsewhere).toMatchObject({ status: 1, stdout: '' })
    expect(elsewhere.stderr).toContain('/proc/self is not on a bpffs')
    expect(unpin(['--directory', 'relative']).status).toBe(2)
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
    for (const mode of [0o700, 0o755]) {
      chmodSync(bpffs.path, mode)
      const refused = unpin(['--directory', directory], nobody)
      expect(refused).toMatchObject({ status: 1, stdout: '' })
      expect(refused.stderr).toMatch(/^hivetap: Cannot remove what is pinned at \S+: EACCES\. /)
    }
    expect(existsSync(directory)).toBe(true)
  })
})
