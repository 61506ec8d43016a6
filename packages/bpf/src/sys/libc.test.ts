import { afterEach, describe, expect, it, vi } from 'vitest'
import { PlatformError } from '../errors.js'
import { systemCallNumber } from './libc.js'

const { arch, platform } = process

afterEach(() => {
  pretend({ arch, platform })
})

function pretend(machine: { arch?: string; platform?: string }): void {
  for (const [name, value] of Object.entries(machine)) Object.defineProperty(process, name, { value })
}

describe('systemCallNumber', () => {
  // arch/x86/entry/syscalls/syscall_64.tbl, and include/uapi/asm-generic/unistd.h for arm64.
  it.each([
    ['x64', 'bpf', 321],
    ['x64', 'perf_event_open', 298],
    ['arm64', 'bpf', 280],
    ['arm64', 'perf_event_open', 241],
    ['x64', 'fsopen', 430],
    ['arm64', 'fsconfig', 431],
    ['x64', 'fsmount', 432],
  ] as const)('on %s, of %s is %i', (machine, name, number) => {
    pretend({ arch: machine })
    expect(systemCallNumber(name)).toBe(number)
  })

  it('is not known on other machines, but for calls that have one number on all', () => {
    pretend({ arch: 'riscv64' })
    expect(() => systemCallNumber('bpf')).toThrow(
      new PlatformError('BPF is supported on x64 and arm64; this machine is riscv64'),
    )
    expect(systemCallNumber('fsopen')).toBe(430)
  })
})

describe('libc', () => {
  it('is that of Linux, and no other', async () => {
    vi.resetModules()
    const { libc } = await import('./libc.js')
    pretend({ platform: 'darwin' })
    expect(() => libc()).toThrow('BPF needs Linux; this is darwin')
  })
})
