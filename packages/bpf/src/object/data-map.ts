import { UnsupportedError } from '../errors.js'
import { probeReadOnlyMaps } from '../features/maps.js'
import { createMap } from '../map/create-map.js'
import type { DataSpec } from '../spec/object-spec.js'
import { bpf_attr_map_elem, bpf_map_flags } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { failed } from '../sys/errno.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { allocate, memoryOf } from '../sys/memory.js'
import { packStruct } from '../sys/struct.js'

/**
 * Creates the map behind a data section: an array of one value, which is the section. Constants are frozen, so that the
 * verifier knows them.
 *
 * @throws {UnsupportedError} on kernels without global data (before Linux 5.2)
 */
export function createDataMap(data: DataSpec): FileDescriptor {
  // What cannot be told, creating the map tells.
  if (probeReadOnlyMaps().state === 'no') {
    throw new UnsupportedError(`Cannot load section ${data.name}: this kernel has no global data`, {
      needs: 'newer_kernel',
      hint: 'It takes Linux 5.2. Constants that are read one by one (`const volatile`) need none.',
    })
  }
  const fd = new FileDescriptor(
    createMap({
      name: data.name,
      kind: 'array',
      keySize: 4,
      valueSize: data.bytes.byteLength,
      maxEntries: 1,
      flags: data.readOnly ? bpf_map_flags.BPF_F_RDONLY_PROG : 0,
    }),
    `map ${data.name}`,
  )
  try {
    const attributes = packStruct(bpf_attr_map_elem, {
      map_fd: fd.number,
      key: allocate(4),
      value: memoryOf(data.bytes),
    })
    const result = bpf('BPF_MAP_UPDATE_ELEM', attributes)
    if (result < 0) throw failed(`Cannot fill section ${data.name}`, result)
    if (data.readOnly) {
      const frozen = bpf('BPF_MAP_FREEZE', packStruct(bpf_attr_map_elem, { map_fd: fd.number }))
      if (frozen < 0) throw failed(`Cannot freeze section ${data.name}`, frozen)
    }
    return fd
  } catch (error) {
    fd.close()
    throw error
  }
}
