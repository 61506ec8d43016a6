import type { BpfError, Requirement } from '@hivetap/bpf'

/** What mends a refusal: on a host a command, in a pod lines of its manifest. */
export interface Mend {
  readonly mend?: string
  readonly manifest?: string
}

const MENDS: Readonly<Record<Requirement, Mend>> = {
  capabilities: {
    mend: 'sudo hivetap …',
    manifest: 'securityContext: { capabilities: { add: [BPF, PERFMON] } }',
  },
  memlock: {
    mend: 'ulimit -l unlimited',
    manifest: 'securityContext: { capabilities: { add: [SYS_RESOURCE] } }',
  },
  tracefs: {
    mend: 'mount -t tracefs tracefs /sys/kernel/tracing',
    manifest: 'volumes: [{ name: tracing, hostPath: { path: /sys/kernel/tracing } }]',
  },
  lockdown: { mend: 'a kernel booted without lockdown=confidentiality' },
  perf_event_paranoid: { mend: 'sysctl kernel.perf_event_paranoid=2' },
  kernel_btf: { mend: 'a kernel built with CONFIG_DEBUG_INFO_BTF=y' },
  bpffs: {
    mend: 'mount -t bpf bpf /sys/fs/bpf',
    manifest: 'volumes: [{ name: bpffs, hostPath: { path: /sys/fs/bpf } }]',
  },
  newer_kernel: {},
}

/** What mends an error; its own hint where no one thing is lacking. */
export function mendFor(error: BpfError): Mend {
  const known = error.needs === undefined ? {} : MENDS[error.needs]
  if (known.mend !== undefined || error.hint === undefined) return known
  return { ...known, mend: error.hint }
}
