import { afterEach, expect, it } from 'vitest'
import { type TestCapability, withCapabilities } from '../../../../test/support/capabilities.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { restrictKernel } from '../../../../test/support/older-kernel.js'
import { MemlockError, NotPermittedError } from '../errors.js'
import { interposeBpf } from '../sys/bpf.js'
import { withMemlock } from '../sys/memlock.js'
import { forgetFeatures } from './feature.js'
import { perfPermissionError, permissionError } from './permission.js'

const ROOT = 'Run it as root, or with CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8).'
const OLDER =
  'CAP_BPF and CAP_PERFMON are there; a kernel before Linux 5.8 wants CAP_SYS_ADMIN, or a security module or seccomp refuses.'
const MODULE = 'The process has the rights; a security module, seccomp or kernel lockdown refuses.'

let restore: () => void = () => undefined

afterEach(() => {
  restore()
  restore = () => undefined
  forgetFeatures()
})

describeKernel('what is behind an EPERM of bpf(2)', () => {
  it.each([
    [[], ROOT],
    [['CAP_BPF'], ROOT],
    [['CAP_BPF', 'CAP_PERFMON'], OLDER],
    [['CAP_SYS_ADMIN'], MODULE],
    [['CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_PERFMON'], MODULE],
  ] as [TestCapability[], string][])('is a right, with %j in effect', (rights, hint) => {
    // Nothing was counted, so that it cannot have been memory.
    restore = interposeBpf(() => -1)
    const error = withCapabilities(rights, () => permissionError('Cannot do it'))
    expect(error).toBeInstanceOf(NotPermittedError)
    expect(error).toMatchObject({
      message: 'Cannot do it: not permitted',
      errno: 1,
      errnoName: 'EPERM',
      needs: 'capabilities',
      hint,
    })
  })

  it('is memory, where that is counted, limited, and the least of it permitted', () => {
    restore = restrictKernel(interposeBpf, ['memlock is counted']).restore
    const error = withMemlock(64n << 10n, () => permissionError('Cannot create map m'))
    expect(error).toBeInstanceOf(MemlockError)
    expect(error).toMatchObject({
      message:
        'Cannot create map m: this kernel counts it as locked memory, of which 64 KiB are allowed (RLIMIT_MEMLOCK)',
      needs: 'memlock',
      hint: 'Raise the limit (`ulimit -l unlimited`; LimitMEMLOCK=infinity in a systemd unit), or add CAP_SYS_RESOURCE.',
    })
  })

  it('is a right, where memory is counted, but not even the least thing of the kind is permitted', () => {
    restore = restrictKernel(interposeBpf, ['memlock is counted']).restore
    const error = withMemlock(64n << 10n, () => permissionError('Cannot load program p', () => false))
    expect(error).toBeInstanceOf(NotPermittedError)
    expect(error).toMatchObject({ needs: 'capabilities' })
  })
})

describeKernel('what is behind a refusal of perf_event_open(2)', () => {
  it.each([
    [[], 13, 'EACCES'],
    [['CAP_BPF'], 1, 'EPERM'],
  ] as [TestCapability[], number, string][])('is a right, with %j in effect', (rights, number, name) => {
    const error = withCapabilities(rights, () => perfPermissionError('Cannot attach', number))
    expect(error).toMatchObject({
      message: `Cannot attach: perf_event_open(2): ${name}`,
      code: 'not_permitted',
      errnoName: name,
      needs: 'capabilities',
      hint: ROOT,
    })
  })

  it('is a kernel that trusts nobody, where the right is there', () => {
    const error = withCapabilities(['CAP_BPF', 'CAP_PERFMON'], () => perfPermissionError('Cannot attach', 13))
    expect(error).toMatchObject({
      message: 'Cannot attach: EACCES: kernel.perf_event_paranoid keeps CAP_PERFMON from it',
      needs: 'perf_event_paranoid',
      hint: 'Set it to 2 or less (`sysctl kernel.perf_event_paranoid=2`), or add CAP_SYS_ADMIN.',
    })
  })
})
