import { bpf_attr_btf_load } from './abi.generated.js'
import { bpf } from './bpf.js'
import { memoryOf } from './memory.js'
import { packStruct } from './struct.js'

/** Loads BTF: BPF_BTF_LOAD, Linux 4.18. Its file descriptor, or a negative error number. */
export function tryLoadBtf(bytes: Uint8Array): number {
  const memory = memoryOf(bytes)
  return bpf(
    'BPF_BTF_LOAD',
    packStruct(bpf_attr_btf_load, { btf: memory, btf_size: memory.bytes.byteLength }),
  )
}
