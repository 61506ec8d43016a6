import { mapKindNumber } from '../spec/map-kind.js'
import { bpf_attr_map_create } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { ERRNO } from '../sys/errno.js'
import { libc } from '../sys/libc.js'
import { raiseMemlock, withMemlock } from '../sys/memlock.js'
import { packStruct } from '../sys/struct.js'
import { askOnce, type Feature, YES } from './feature.js'

/**
 * Whether this kernel counts the memory of maps and programs against RLIMIT_MEMLOCK, as Linux before 5.11 does. It is
 * asked by creating the smallest map while nothing at all may be locked.
 */
export function probeMemlockCounted(): Feature {
  return askOnce('memlock counted', () => {
    const allowed = tryCreate()
    if (allowed < 0) return { state: 'unknown', why: 'creating a map is not permitted' }
    const result = withMemlock(0n, tryCreate)
    if (result === undefined) return { state: 'unknown', why: 'the limit cannot be changed' }
    if (result === -ERRNO.EPERM) return YES
    return { state: 'no', takes: 'Linux before 5.11' }
  })
}

/**
 * Raises the limit after a refusal that may have been for it: not where the kernel does not count, whatever it refused for.
 *
 * @returns whether it is worth another try
 */
export function raiseCountedMemlock(): boolean {
  return probeMemlockCounted().state !== 'no' && raiseMemlock()
}

function tryCreate(): number {
  const attributes = packStruct(bpf_attr_map_create, {
    map_type: mapKindNumber('array'),
    key_size: 4,
    value_size: 4,
    max_entries: 1,
  })
  const result = bpf('BPF_MAP_CREATE', attributes)
  if (result >= 0) libc().close(result)
  return result
}
