import type { Codec } from '../btf/value-codec.js'
import { InvalidSpecError } from '../errors.js'
import { isPerCpu, MAP_KINDS, type MapKind, mapKindNumber } from '../spec/map-kind.js'
import { bpf_map_info } from '../sys/abi.generated.js'
import type { FileDescriptor } from '../sys/file-descriptor.js'
import { objectInfo } from '../sys/object-info.js'
import { openPinned } from '../sys/pin.js'
import { readField } from '../sys/struct.js'
import { BpfMap, PerCpuMap } from './bpf-map.js'

/** What a pinned map must be. */
export interface PinnedMapShape {
  readonly kind: MapKind
  /** Entries; of a ring buffer, bytes. Any number, unless told. */
  readonly maxEntries?: number
}

/** The descriptor of a pinned map, and how many entries it has. */
export interface PinnedMap {
  readonly fd: FileDescriptor
  readonly maxEntries: number
}

/** Bytes of a key and of a value: those of a CPU, where each has its own. */
interface Sizes {
  readonly keySize: number
  readonly valueSize: number
}

/**
 * Opens a map that is pinned, if it is what it should be.
 *
 * @throws {InvalidSpecError} if it is of another kind or size, or no map at all
 * @throws {NotFoundError} {UnsupportedError} {NotPermittedError} {SystemCallError}
 */
export function openMapAt(path: string, shape: PinnedMapShape & Sizes): PinnedMap {
  const what = `map ${nameOf(path)}`
  const fd = openPinned(path, 'map', what)
  try {
    const info = objectInfo(fd.number, bpf_map_info, `the sizes of ${what}`)
    const found = {
      kind: readField(bpf_map_info, info, 'type'),
      keySize: readField(bpf_map_info, info, 'key_size'),
      valueSize: readField(bpf_map_info, info, 'value_size'),
      maxEntries: readField(bpf_map_info, info, 'max_entries'),
    }
    const { maxEntries = found.maxEntries } = shape
    const wanted = { ...shape, kind: mapKindNumber(shape.kind), maxEntries }
    if (describe(found) !== describe(wanted))
      throw new InvalidSpecError(
        `Cannot use ${what} at ${path}: it is of ${describe(found)}, not of ${describe(wanted)}`,
      )
    return { fd, maxEntries }
  } catch (error) {
    fd.close()
    throw error
  }
}

/**
 * Opens a pinned map of one value a key. Linux 4.4.
 *
 * @throws {InvalidSpecError} if it is of another kind or size, or no map at all
 * @throws {NotFoundError} if nothing is there; {UnsupportedError} if the path does not lie on a bpffs
 * @throws {NotPermittedError} {SystemCallError}
 */
export function openPinnedMap<K, V>(
  path: string,
  shape: PinnedMapShape,
  key: Codec<K>,
  value: Codec<V>,
): BpfMap<K, V> {
  if (isPerCpu(shape.kind)) throw new InvalidSpecError(`A map of kind ${shape.kind} has a value for each CPU`)
  const { fd, maxEntries } = openMapAt(path, { ...shape, keySize: key.size, valueSize: value.size })
  return new BpfMap(fd, { name: nameOf(path), keySize: key.size, maxEntries }, key, value)
}

/** Opens a pinned map of one value a CPU for a key; throws what `openPinnedMap` throws. Linux 4.6. */
export function openPinnedPerCpuMap<K, V>(
  path: string,
  shape: PinnedMapShape,
  key: Codec<K>,
  value: Codec<V>,
): PerCpuMap<K, V> {
  if (!isPerCpu(shape.kind))
    throw new InvalidSpecError(`A map of kind ${shape.kind} has one value for all CPUs`)
  const { fd, maxEntries } = openMapAt(path, { ...shape, keySize: key.size, valueSize: value.size })
  return new PerCpuMap(fd, { name: nameOf(path), keySize: key.size, maxEntries }, key, value)
}

function describe({
  kind,
  keySize,
  valueSize,
  maxEntries,
}: Sizes & { kind: number; maxEntries: number }): string {
  return `kind ${MAP_KINDS[kind] ?? kind}, keys of ${keySize} and values of ${valueSize} bytes, ${maxEntries} entries`
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
