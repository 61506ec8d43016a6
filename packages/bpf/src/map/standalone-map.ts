import type { Codec } from '../btf/value-codec.js'
import type { MapKind } from '../spec/map-kind.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { BpfMap } from './bpf-map.js'
import { createMap } from './create-map.js'

/**
 * Creates a map that belongs to no object: for what user space keeps in the kernel, pinned. Linux 3.19.
 *
 * @param kind one whose keys have one value each: `array`, `hash`
 * @throws {MemlockError} {NotPermittedError} {UnsupportedError} {SystemCallError}
 */
export function createStandaloneMap<K, V>(
  { name, kind, maxEntries }: { readonly name: string; readonly kind: MapKind; readonly maxEntries: number },
  key: Codec<K>,
  value: Codec<V>,
): BpfMap<K, V> {
  const shape = { name, kind, keySize: key.size, valueSize: value.size, maxEntries, flags: 0 }
  return new BpfMap(new FileDescriptor(createMap(shape), `map ${name}`), shape, key, value)
}
