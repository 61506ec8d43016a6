import { readFileSync } from 'node:fs'
import { arch, release } from 'node:os'
import {
  CAPABILITIES,
  effectiveCapabilities,
  KERNEL_BTF_PATH,
  memlockLimit,
  openKernelBtf,
  openTracefs,
  probeMemlockCounted,
  readLockdown,
} from '@hivetap/bpf'
import { cgroupLayout, readMounts } from '../probes/mounts.js'

/** Something of the host that tools depend on. */
export interface HostFact {
  readonly name: string
  /** `ok`: as it should be; `note`: worth knowing; `lacking`: something is missing that some rung needs. */
  readonly state: 'ok' | 'note' | 'lacking'
  /** What was found: a short phrase. */
  readonly found: string
  /** What would mend it: a command. */
  readonly mend?: string
}

/** Looks at the host: each fact is read or tried anew. */
export function examineHost(): HostFact[] {
  const mounts = readMounts()
  const bpffs = mounts.find((mount) => mount.type === 'bpf')
  const layout = cgroupLayout(mounts)
  return [
    { name: 'kernel', state: 'ok', found: `Linux ${release()}, ${arch()}` },
    rights(),
    lockdown(),
    lockedMemory(),
    kernelTypes(),
    tracefs(),
    perfEvents(),
    bpffs === undefined
      ? {
          name: 'bpffs',
          state: 'note',
          found: 'not mounted; an agent that is to go on over restarts (--pin) needs it',
          mend: 'mount -t bpf bpf /sys/fs/bpf',
        }
      : { name: 'bpffs', state: 'ok', found: bpffs.path },
    { name: 'cgroups', state: layout === 'none' ? 'note' : 'ok', found: CGROUPS[layout] },
  ]
}

const CGROUPS = {
  v1: 'version 1',
  v2: 'version 2',
  hybrid: 'version 1, with version 2 beside it (hybrid)',
  none: 'not mounted',
} as const

function rights(): HostFact {
  const uid = process.getuid?.() ?? -1
  const who = uid === 0 ? 'root' : `uid ${uid}`
  const capabilities = effectiveCapabilities()
  if (capabilities === undefined)
    return { name: 'rights', state: 'note', found: `${who}; /proc does not tell the capabilities` }
  const held = CAPABILITIES.filter((name) => capabilities.has(name))
  const found = `${who}, ${held.join(' ') || 'no capability that matters here'}`
  const enough =
    capabilities.has('CAP_SYS_ADMIN') || (capabilities.has('CAP_BPF') && capabilities.has('CAP_PERFMON'))
  if (enough) return { name: 'rights', state: 'ok', found }
  return { name: 'rights', state: 'lacking', found, mend: 'sudo hivetap …' }
}

function lockdown(): HostFact {
  const level = readLockdown()
  if (level === undefined)
    return {
      name: 'lockdown',
      state: 'note',
      found: 'this kernel has none, or securityfs is not mounted',
    }
  if (level !== 'confidentiality') return { name: 'lockdown', state: 'ok', found: level }
  return {
    name: 'lockdown',
    state: 'note',
    found: 'confidentiality: programs may not copy kernel memory, tracefs is empty; only tp_btf works',
  }
}

function lockedMemory(): HostFact {
  const { soft } = memlockLimit()
  const limit = soft === undefined ? 'unlimited' : `${soft >> 10n} KiB`
  const counted = probeMemlockCounted()
  switch (counted.state) {
    case 'no':
      return {
        name: 'locked memory',
        state: 'ok',
        found: `${limit}; this kernel does not count BPF memory against it`,
      }
    case 'unknown':
      return {
        name: 'locked memory',
        state: 'note',
        found: `${limit}; cannot tell whether BPF memory counts: ${counted.why}`,
      }
    case 'yes': {
      const found = `${limit}; this kernel counts BPF memory against it`
      if (soft === undefined || effectiveCapabilities()?.has('CAP_SYS_RESOURCE') === true)
        return { name: 'locked memory', state: 'ok', found }
      return { name: 'locked memory', state: 'lacking', found, mend: 'ulimit -l unlimited' }
    }
  }
}

function kernelTypes(): HostFact {
  const btf = openKernelBtf()
  if (btf !== undefined)
    return { name: 'kernel types', state: 'ok', found: `BTF at ${KERNEL_BTF_PATH}, ${btf.endId - 1} types` }
  return {
    name: 'kernel types',
    state: 'lacking',
    found: `no BTF at ${KERNEL_BTF_PATH}`,
    mend: 'a kernel built with CONFIG_DEBUG_INFO_BTF=y',
  }
}

function tracefs(): HostFact {
  const found = openTracefs()
  if (found.path === undefined) {
    return {
      name: 'tracefs',
      state: 'lacking',
      found: found.reason,
      mend: found.needs === 'tracefs' ? 'mount -t tracefs tracefs /sys/kernel/tracing' : found.hint,
    }
  }
  const { path, origin } = found
  found.close()
  if (origin === 'mounted') return { name: 'tracefs', state: 'ok', found: path }
  return { name: 'tracefs', state: 'note', found: 'not mounted; mounted privately when it is needed' }
}

function perfEvents(): HostFact {
  const paranoid = readLine('/proc/sys/kernel/perf_event_paranoid')
  if (paranoid === undefined) return { name: 'perf events', state: 'lacking', found: 'this kernel has none' }
  const capabilities = effectiveCapabilities()
  // From 3 on (Debian's own level) CAP_PERFMON is not enough.
  const blocked = Number(paranoid) > 2 && capabilities?.has('CAP_SYS_ADMIN') !== true
  const found = `kernel.perf_event_paranoid is ${paranoid}`
  if (!blocked) return { name: 'perf events', state: 'ok', found }
  return { name: 'perf events', state: 'lacking', found, mend: 'sysctl kernel.perf_event_paranoid=2' }
}

function readLine(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
