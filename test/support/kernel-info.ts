import {
  bpf_attr_info,
  bpf_btf_info,
  bpf_map_info,
  bpf_prog_info,
} from '../../packages/bpf/src/sys/abi.generated.js'
import { bpf } from '../../packages/bpf/src/sys/bpf.js'
import { allocate, type Memory } from '../../packages/bpf/src/sys/memory.js'
import { packStruct, readField } from '../../packages/bpf/src/sys/struct.js'

function infoOf(fd: number, size: number): Memory {
  const info = allocate(size)
  const result = bpf(
    'BPF_OBJ_GET_INFO_BY_FD',
    packStruct(bpf_attr_info, { bpf_fd: fd, info_len: info.bytes.byteLength, info }),
  )
  if (result < 0) throw new Error(`BPF_OBJ_GET_INFO_BY_FD: errno ${-result}`)
  return info
}

/** The number by which the kernel, and bpftool(8), know a map. */
export function mapId(fd: number): number {
  return readField(bpf_map_info, infoOf(fd, bpf_map_info.size), 'id')
}

/** The number by which they know a program. */
export function programId(fd: number): number {
  return readField(bpf_prog_info, infoOf(fd, bpf_prog_info.size), 'id')
}

/** The number of the BTF that describes a program; 0 for none. */
export function programBtfId(fd: number): number {
  return readField(bpf_prog_info, infoOf(fd, bpf_prog_info.size), 'btf_id')
}

/** The number by which they know BTF. */
export function btfId(fd: number): number {
  return readField(bpf_btf_info, infoOf(fd, bpf_btf_info.size), 'id')
}
