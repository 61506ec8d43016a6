import { MemlockError, NotPermittedError } from '../errors.js'
import { mapKindNumber } from '../spec/map-kind.js'
import { bpf_attr_map_create } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { effectiveCapabilities } from '../sys/capabilities.js'
import { ERRNO, errnoName } from '../sys/errno.js'
import { libc } from '../sys/libc.js'
import { memlockLimit } from '../sys/memlock.js'
import { packStruct } from '../sys/struct.js'
import { probeMemlockCounted } from './memlock.js'

const EPERM = { number: ERRNO.EPERM, name: 'EPERM' }

/**
 * What is behind an EPERM of bpf(2): too low a limit on locked memory, or a right that is lacking.
 *
 * The kernel says the same for both. Where it counts such memory, and takes the smallest thing of the same kind, it was
 * the memory.
 *
 * @param what what was being done, as the beginning of a sentence
 * @param canDoLeast whether the smallest thing of its kind is permitted; of maps, unless told
 */
export function permissionError(
  what: string,
  canDoLeast: () => boolean = canCreateSmallestMap,
): MemlockError | NotPermittedError {
  const { soft } = memlockLimit()
  if (soft !== undefined && probeMemlockCounted().state !== 'no' && canDoLeast()) {
    return new MemlockError(
      `${what}: this kernel counts it as locked memory, of which ${soft >> 10n} KiB are allowed (RLIMIT_MEMLOCK)`,
      EPERM,
      {
        needs: 'memlock',
        hint: 'Raise the limit (`ulimit -l unlimited`; LimitMEMLOCK=infinity in a systemd unit), or add CAP_SYS_RESOURCE.',
      },
    )
  }
  return new NotPermittedError(`${what}: not permitted`, EPERM, { needs: 'capabilities', hint: rightsHint() })
}

/**
 * What is behind a refusal of perf_event_open(2): a right that is lacking, or a kernel that is told to trust nobody.
 *
 * @param errno EACCES or EPERM
 */
export function perfPermissionError(what: string, errno: number): NotPermittedError {
  const capabilities = effectiveCapabilities()
  const error = { number: errno, name: errnoName(errno) }
  if (capabilities?.has('CAP_PERFMON') === true) {
    // Debian's kernels know a level 3, on which CAP_PERFMON does not count.
    return new NotPermittedError(
      `${what}: ${error.name}: kernel.perf_event_paranoid keeps CAP_PERFMON from it`,
      error,
      {
        needs: 'perf_event_paranoid',
        hint: 'Set it to 2 or less (`sysctl kernel.perf_event_paranoid=2`), or add CAP_SYS_ADMIN.',
      },
    )
  }
  return new NotPermittedError(`${what}: perf_event_open(2): ${error.name}`, error, {
    needs: 'capabilities',
    hint: rightsHint(),
  })
}

function canCreateSmallestMap(): boolean {
  const attributes = packStruct(bpf_attr_map_create, {
    map_type: mapKindNumber('array'),
    key_size: 4,
    value_size: 4,
    max_entries: 1,
  })
  const result = bpf('BPF_MAP_CREATE', attributes)
  if (result >= 0) libc().close(result)
  return result >= 0
}

function rightsHint(): string {
  const capabilities = effectiveCapabilities()
  if (capabilities?.has('CAP_SYS_ADMIN') === true) {
    return 'The process has the rights; a security module, seccomp or kernel lockdown refuses.'
  }
  if (capabilities?.has('CAP_BPF') === true && capabilities.has('CAP_PERFMON')) {
    return 'CAP_BPF and CAP_PERFMON are there; a kernel before Linux 5.8 wants CAP_SYS_ADMIN, or a security module or seccomp refuses.'
  }
  return 'Run it as root, or with CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8).'
}
