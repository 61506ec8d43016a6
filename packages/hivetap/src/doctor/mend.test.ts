import { NotPermittedError, type Requirement, UnsupportedError } from '@hivetap/bpf'
import { describe, expect, it } from 'vitest'
import { mendFor } from './mend.js'

describe('mendFor', () => {
  it.each<readonly [Requirement, RegExp]>([
    ['capabilities', /^sudo hivetap/],
    ['memlock', /^ulimit -l /],
    ['tracefs', /^mount -t tracefs /],
    ['lockdown', /without lockdown=confidentiality$/],
    ['perf_event_paranoid', /^sysctl kernel\.perf_event_paranoid=2$/],
    ['kernel_btf', /CONFIG_DEBUG_INFO_BTF=y/],
    ['bpffs', /^mount -t bpf bpf /],
    // No command makes a kernel newer: the error knows which it takes.
    ['newer_kernel', /^It takes Linux 5\.8\.$/],
  ])('has something that can be done: %s', (needs, mend) => {
    expect(mendFor(new UnsupportedError('it cannot', { needs, hint: 'It takes Linux 5.8.' })).mend).toMatch(
      mend,
    )
  })

  it('has the two capabilities that suffice, for a pod', () => {
    const error = new NotPermittedError(
      'not permitted',
      { number: 1, name: 'EPERM' },
      { needs: 'capabilities' },
    )
    expect(mendFor(error)).toEqual({
      mend: 'sudo hivetap …',
      manifest: 'securityContext: { capabilities: { add: [BPF, PERFMON] } }',
    })
  })

  it('prefers the command to the error’s hint', () => {
    expect(mendFor(new UnsupportedError('no tracefs', { needs: 'tracefs', hint: 'Mount it.' })).mend).toBe(
      'mount -t tracefs tracefs /sys/kernel/tracing',
    )
  })

  it('has the error’s hint where no one thing is lacking', () => {
    expect(mendFor(new UnsupportedError('it cannot', { hint: 'Try another.' }))).toEqual({
      mend: 'Try another.',
    })
  })

  it('has nothing where nothing is known', () => {
    expect(mendFor(new UnsupportedError('it cannot'))).toEqual({})
    expect(mendFor(new UnsupportedError('it cannot', { needs: 'newer_kernel' }))).toEqual({})
  })
})
