import { UnsupportedError } from '../errors.js'
import type { Feature } from '../features/feature.js'
import { probeMapKind } from '../features/maps.js'
import { raiseCountedMemlock } from '../features/memlock.js'
import { permissionError } from '../features/permission.js'
import { isBufferKind, type MapKind, mapKindNumber } from '../spec/map-kind.js'
import { bpf_attr_map_create } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { cpuNumberLimit } from '../sys/cpus.js'
import { ERRNO, failed } from '../sys/errno.js'
import { objectName } from '../sys/program.js'
import { packStruct } from '../sys/struct.js'

/** What a map is created from. Sizes in bytes. */
export interface MapShape {
  readonly name: string
  readonly kind: MapKind
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** Types of key and value, in BTF that the kernel has. */
  readonly btf?: { readonly fd: number; readonly key: number; readonly value: number }
}

/** Kinds whose keys and values the kernel lets BTF describe; for others a type is an error. */
const DESCRIBED: readonly MapKind[] = [
  'hash',
  'array',
  'percpu_hash',
  'percpu_array',
  'lru_hash',
  'lru_percpu_hash',
  'lpm_trie',
]

/**
 * Creates a map: BPF_MAP_CREATE.
 *
 * Where the kernel counts its memory against RLIMIT_MEMLOCK (before Linux 5.11) and the limit is too low, the limit is
 * raised and the map created again; where it may not be raised, the error says what it is.
 *
 * @returns its file descriptor
 * @throws {MemlockError} {NotPermittedError} {UnsupportedError} {SystemCallError}
 */
export function createMap(shape: MapShape): number {
  let result = tryCreate(shape)
  if (result === -ERRNO.EPERM && raiseCountedMemlock()) result = tryCreate(shape)
  if (result >= 0) return result
  throw explain(shape, -result)
}

function tryCreate(shape: MapShape): number {
  const result = create(shape, DESCRIBED.includes(shape.kind) ? shape.btf : undefined)
  // Types only serve whoever looks at the map: a kernel that will not have them gets the map without.
  if ((result === -ERRNO.EINVAL || result === -ERRNO.E2BIG) && shape.btf !== undefined)
    return create(shape, undefined)
  return result
}

function create(shape: MapShape, btf: MapShape['btf']): number {
  const kernelShape = isBufferKind(shape.kind) ? bufferShape(shape) : shape
  return bpf(
    'BPF_MAP_CREATE',
    packStruct(bpf_attr_map_create, {
      map_type: mapKindNumber(shape.kind),
      key_size: kernelShape.keySize,
      value_size: kernelShape.valueSize,
      max_entries: kernelShape.maxEntries,
      map_flags: shape.flags,
      map_name: objectName(shape.name),
      ...(btf === undefined
        ? {}
        : { btf_fd: btf.fd, btf_key_type_id: btf.key, btf_value_type_id: btf.value }),
    }),
  )
}

/** A ring buffer has neither key nor value; a perf event array has a file descriptor a CPU. */
function bufferShape(shape: MapShape): Pick<MapShape, 'keySize' | 'valueSize' | 'maxEntries'> {
  if (shape.kind === 'ringbuf') return { keySize: 0, valueSize: 0, maxEntries: shape.maxEntries }
  return { keySize: 4, valueSize: 4, maxEntries: shape.maxEntries || cpuNumberLimit() }
}

function explain(shape: MapShape, number: number): Error {
  const what = `Cannot create map ${shape.name} (${shape.kind}, ${shape.maxEntries} ${shape.kind === 'ringbuf' ? 'bytes' : 'entries'})`
  if (number === ERRNO.EPERM) return permissionError(what)
  const feature: Feature | undefined = number === ERRNO.EINVAL ? probeMapKind(shape.kind) : undefined
  if (feature?.state === 'no')
    return new UnsupportedError(`${what}: this kernel has no maps of kind ${shape.kind}`, {
      needs: 'newer_kernel',
      hint: `It takes ${feature.takes}.`,
    })
  return failed(what, number)
}
