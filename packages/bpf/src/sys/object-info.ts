import { bpf_attr_info } from './abi.generated.js'
import { bpf } from './bpf.js'
import { failed } from './errno.js'
import { allocate, type Memory } from './memory.js'
import { packStruct, type StructLayout } from './struct.js'

/**
 * What the kernel says of a map, program or link: BPF_OBJ_GET_INFO_BY_FD, Linux 4.13; of links 5.8. What an older kernel
 * does not tell is 0.
 *
 * @param layout of the struct that its kind has
 * @param what what is asked for, for the message: `the statistics of program x`
 * @throws {SystemCallError}
 */
export function objectInfo(fd: number, layout: StructLayout, what: string): Memory {
  const info = allocate(layout.size)
  const attributes = packStruct(bpf_attr_info, { bpf_fd: fd, info_len: info.bytes.byteLength, info })
  const result = bpf('BPF_OBJ_GET_INFO_BY_FD', attributes)
  if (result < 0) throw failed(`Cannot ask for ${what}`, result)
  return info
}
