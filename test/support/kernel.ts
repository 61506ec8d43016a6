import { describe } from 'vitest'
import { probeMapKind } from '../../packages/bpf/src/features/maps.js'

/** Why tests that need a kernel cannot run here; `undefined` if they can. */
export function kernelTestsBlockedBy(): string | undefined {
  if (process.platform !== 'linux') return `they need Linux, this is ${process.platform}`
  const answer = probeMapKind('array')
  return answer.state === 'yes' ? undefined : 'they need root, or CAP_BPF and CAP_PERFMON'
}

const blocked = kernelTestsBlockedBy()

/** Tests against the running kernel: left out, and said so at the end of the run, where BPF may not be used. */
export const describeKernel: typeof describe | typeof describe.skip =
  blocked === undefined ? describe : describe.skip
