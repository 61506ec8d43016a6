import { openKernelBtf } from '@hivetap/bpf'

/** What fills a field that only the kernel's own types lead to, as `missing` has it. */
export const KERNEL_TYPES = 'tp_btf or raw_tp, on a kernel with BTF'

/** Whether the kernel's types name a helper: `BPF_FUNC_skc_to_tcp_sock`. Typed programs can then call it. */
export function kernelNamesHelper(name: string): boolean {
  const helpers = openKernelBtf()?.find('enum', 'bpf_func_id')?.type.enumerators ?? []
  return helpers.some((helper) => helper.name === name)
}
