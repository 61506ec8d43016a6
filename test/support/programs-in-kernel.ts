import { bpf_attr_get_id } from '../../packages/bpf/src/sys/abi.generated.js'
import { type BpfCommand, bpf } from '../../packages/bpf/src/sys/bpf.js'
import { packStruct } from '../../packages/bpf/src/sys/struct.js'

function ids(command: BpfCommand): number[] {
  const found: number[] = []
  for (let id = 0; ; ) {
    const attributes = packStruct(bpf_attr_get_id, { start_id: id })
    if (bpf(command, attributes) < 0) return found
    id = attributes.view.getUint32(bpf_attr_get_id.fields.next_id.offset, true)
    found.push(id)
  }
}

/** The numbers of all programs, maps and links in the kernel: what a run left behind is what was not there before. */
export function kernelObjects(): { programs: number[]; maps: number[]; links: number[] } {
  return {
    programs: ids('BPF_PROG_GET_NEXT_ID'),
    maps: ids('BPF_MAP_GET_NEXT_ID'),
    links: ids('BPF_LINK_GET_NEXT_ID'),
  }
}
