import { BtfBuilder } from '../btf/btf-builder.js'
import { type MapKind, mapKindNumber } from '../spec/map-kind.js'
import { bpf_attr_map_create, bpf_map_flags } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { tryLoadBtf } from '../sys/btf.js'
import { ENOTSUPP, ERRNO, errnoName } from '../sys/errno.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { libc } from '../sys/libc.js'
import { packStruct } from '../sys/struct.js'
import { addInt } from './btf-support.js'
import { askOnce, type Feature, YES } from './feature.js'

type CreateValues = Parameters<typeof packStruct<typeof bpf_attr_map_create>>[1]

const FIRST_LINUX: Partial<Record<MapKind, string>> = {
  percpu_cgroup_storage: 'Linux 4.20',
  queue: 'Linux 4.20',
  stack: 'Linux 4.20',
  sk_storage: 'Linux 5.2',
  devmap_hash: 'Linux 5.4',
  struct_ops: 'Linux 5.6',
  ringbuf: 'Linux 5.8',
  inode_storage: 'Linux 5.10',
  task_storage: 'Linux 5.11',
  bloom_filter: 'Linux 5.16',
  user_ringbuf: 'Linux 6.1',
  cgrp_storage: 'Linux 6.2',
  arena: 'Linux 6.9',
}

/** Whether maps of a kind can be created: by creating the smallest one. */
export function probeMapKind(kind: MapKind): Feature {
  return askOnce(`map ${kind}`, () => {
    const needed = neededBy(kind)
    if (typeof needed === 'number') return answerTo(needed, takesOf(kind))
    try {
      return probeCreate(
        { map_type: mapKindNumber(kind), ...leastShape(kind), ...needed.values },
        takesOf(kind),
      )
    } finally {
      needed.fd?.close()
    }
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

const takesOf = (kind: MapKind): string => FIRST_LINUX[kind] ?? 'a newer Linux'

/** What the kernel takes as the smallest map of a kind: the `alloc_check` of each in its kernel/bpf. */
function leastShape(kind: MapKind): CreateValues {
  switch (kind) {
    case 'ringbuf':
    case 'user_ringbuf':
      return { max_entries: libc().getpagesize() }
    case 'queue':
    case 'stack':
    case 'bloom_filter':
      return { value_size: 4, max_entries: 1 }
    case 'lpm_trie':
      return { key_size: 8, value_size: 4, max_entries: 1, map_flags: bpf_map_flags.BPF_F_NO_PREALLOC }
    case 'stack_trace':
      return { key_size: 4, value_size: 8, max_entries: 1 }
    case 'cgroup_storage':
    case 'percpu_cgroup_storage':
      // struct bpf_cgroup_storage_key
      return { key_size: 16, value_size: 8 }
    case 'sk_storage':
    case 'inode_storage':
    case 'task_storage':
    case 'cgrp_storage':
      return { key_size: 4, value_size: 4, map_flags: bpf_map_flags.BPF_F_NO_PREALLOC }
    case 'arena':
      return { max_entries: 1, map_flags: bpf_map_flags.BPF_F_MMAPABLE }
    case 'struct_ops':
      // No such type has operations. A kernel with struct_ops looks it up, and says ENOTSUPP.
      return { key_size: 4, value_size: 4, max_entries: 1, btf_vmlinux_value_type_id: 1 }
    default:
      return { key_size: 4, value_size: 4, max_entries: 1 }
  }
}

/** What else must be in the kernel for a map of a kind; or the error number of not getting it. */
function neededBy(
  kind: MapKind,
): { readonly values: CreateValues; readonly fd: FileDescriptor | undefined } | number {
  switch (kind) {
    case 'array_of_maps':
    case 'hash_of_maps': {
      const inner = create({ map_type: mapKindNumber('array'), ...leastShape('array') })
      if (inner < 0) return inner
      return { values: { inner_map_fd: inner }, fd: new FileDescriptor(inner, 'inner map') }
    }
    case 'sk_storage':
    case 'inode_storage':
    case 'task_storage':
    case 'cgrp_storage': {
      const builder = new BtfBuilder()
      const int = addInt(builder)
      const btf = tryLoadBtf(builder.bytes())
      if (btf < 0) return btf
      return {
        values: { btf_fd: btf, btf_key_type_id: int, btf_value_type_id: int },
        fd: new FileDescriptor(btf, 'BTF'),
      }
    }
    default:
      return { values: {}, fd: undefined }
  }
}

function create(values: CreateValues): number {
  return bpf('BPF_MAP_CREATE', packStruct(bpf_attr_map_create, values))
}

function probeCreate(values: CreateValues, takes: string): Feature {
  const result = create(values)
  if (result >= 0) libc().close(result)
  return answerTo(result, takes)
}

function answerTo(result: number, takes: string): Feature {
  if (result >= 0 || result === -ENOTSUPP) return YES
  if (result === -ERRNO.EINVAL || result === -ERRNO.E2BIG || result === -ERRNO.EOPNOTSUPP)
    return { state: 'no', takes }
  return {
    state: 'unknown',
    why:
      result === -ERRNO.EPERM ? 'creating a map is not permitted' : `creating a map: ${errnoName(-result)}`,
  }
}
