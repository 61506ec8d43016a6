import type { BufferBase } from '../buffer/buffer-base.js'
import { PerfBuffer } from '../buffer/perf-buffer.js'
import type { RecordDecoder } from '../buffer/record-buffer.js'
import { RingBuffer } from '../buffer/ring-buffer.js'
import { InvalidSpecError } from '../errors.js'
import type { MapSpec } from '../spec/object-spec.js'
import { bpf_attr_map_elem } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { onlineCpus } from '../sys/cpus.js'
import { failed } from '../sys/errno.js'
import type { FileDescriptor } from '../sys/file-descriptor.js'
import { allocate } from '../sys/memory.js'
import { packStruct } from '../sys/struct.js'

/** Bytes of a perf buffer a CPU, unless told: what an unprivileged process may map (kernel.perf_event_mlock_kb). */
const PERF_BYTES_PER_CPU = 256 << 10

/**
 * The reader of a map that carries records. Perf buffers are put into their map, where programs find them.
 *
 * @param bytesPerCpu of perf buffers; 256 KiB unless told
 * @throws {InvalidSpecError} if the map carries no records
 * @throws {NotPermittedError} {MemlockError} {SystemCallError}
 */
export function openBuffer<T>(
  fd: FileDescriptor,
  map: Pick<MapSpec, 'name' | 'kind' | 'maxEntries'>,
  decoder: RecordDecoder<T>,
  bytesPerCpu = PERF_BYTES_PER_CPU,
): BufferBase<T> {
  switch (map.kind) {
    case 'ringbuf':
      return new RingBuffer(fd.number, map.maxEntries, decoder)
    case 'perf_event_array':
      return new PerfBuffer(
        { bytesPerCpu, cpus: onlineCpus(), register: (cpu, event) => registerEvent(fd.number, cpu, event) },
        decoder,
      )
    default:
      throw new InvalidSpecError(`Map ${map.name} (${map.kind}) carries no records`)
  }
}

/** Programs find the event of their CPU under its number. */
function registerEvent(map: number, cpu: number, event: number): void {
  const key = allocate(4)
  const value = allocate(4)
  key.view.setUint32(0, cpu, true)
  value.view.setInt32(0, event, true)
  const result = bpf('BPF_MAP_UPDATE_ELEM', packStruct(bpf_attr_map_elem, { map_fd: map, key, value }))
  if (result < 0) throw failed(`Cannot register the perf buffer of CPU ${cpu}`, result)
}
