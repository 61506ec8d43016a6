import { type MapKind, mapKindNumber } from '../spec/map-kind.js'
import { bpf_attr_map_create, bpf_map_flags } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { ERRNO } from '../sys/errno.js'
import { libc } from '../sys/libc.js'
import { packStruct } from '../sys/struct.js'
import { askOnce, type Feature, YES } from './feature.js'

const FIRST_LINUX: Partial<Record<MapKind, string>> = {
  ringbuf: 'Linux 5.8',
  user_ringbuf: 'Linux 6.1',
  task_storage: 'Linux 5.11',
  bloom_filter: 'Linux 5.16',
  queue: 'Linux 4.20',
  stack: 'Linux 4.20',
}

/** Whether maps of a kind can be created: by creating the smallest one. */
export function probeMapKind(kind: MapKind): Feature {
  return askOnce(`map ${kind}`, () => {
    const ring = kind === 'ringbuf' || kind === 'user_ringbuf'
    const keyless = ring || kind === 'queue' || kind === 'stack' || kind === 'bloom_filter'
    return probeCreate(
      {
        map_type: mapKindNumber(kind),
        key_size: keyless ? 0 : kind === 'lpm_trie' ? 8 : 4,
        value_size: ring ? 0 : kind === 'stack_trace' ? 8 : 4,
        max_entries: ring ? libc().getpagesize() : 1,
        map_flags: kind === 'lpm_trie' ? bpf_map_flags.BPF_F_NO_PREALLOC : 0,
      },
      FIRST_LINUX[kind] ?? 'a newer Linux',
    )
  })
}

/** Whether programs can be kept from writing to a map, as constants want it. */
export function probeReadOnlyMaps(): Feature {
  return askOnce('read-only maps', () =>
    probeCreate(
      {
        map_type: mapKindNumber('array'),
        key_size: 4,
        value_size: 4,
        max_entries: 1,
        map_flags: bpf_map_flags.BPF_F_RDONLY_PROG,
      },
      'Linux 5.2',
    ),
  )
}

function probeCreate(
  values: Parameters<typeof packStruct<typeof bpf_attr_map_create>>[1],
  takes: string,
): Feature {
  const result = bpf('BPF_MAP_CREATE', packStruct(bpf_attr_map_create, values))
  if (result >= 0) {
    libc().close(result)
    return YES
  }
  if (result === -ERRNO.EINVAL || result === -ERRNO.E2BIG) return { state: 'no', takes }
  return { state: 'unknown', why: 'creating a map is not permitted' }
}
