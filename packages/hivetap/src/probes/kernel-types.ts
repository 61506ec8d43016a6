import { has, openKernelBtf, probeHelper } from '@hivetap/bpf'
import type { Rung } from './tool.js'

/** What fills a field that only the kernel's own types lead to, as `missing` has it. */
export const KERNEL_TYPES = 'tp_btf or raw_tp, on a kernel with BTF'

/** Whether the kernel's types name a helper: `BPF_FUNC_skc_to_tcp_sock`. Typed programs can then call it. */
export function kernelNamesHelper(name: string): boolean {
  const helpers = openKernelBtf()?.find('enum', 'bpf_func_id')?.type.enumerators ?? []
  return helpers.some((helper) => helper.name === name)
}

/** BPF_FUNC_probe_read_kernel_str, and what stands in for it before Linux 5.5. */
const READ_TEXT = [115, 45]

/** Whether texts in the kernel's memory may be copied: not under lockdown=confidentiality. */
export function canCopyText(rung: Rung): boolean {
  // The other rungs cannot do without copying; where that is refused they are not there at all.
  if (rung !== 'tp_btf') return true
  return READ_TEXT.some((helper) => has(probeHelper(helper, { type: 'BPF_PROG_TYPE_RAW_TRACEPOINT' })))
}

/** Whether a typed program that is not told a task finds the one that it runs in: by a helper, since Linux 5.11. */
export function canFindTask(): boolean {
  return kernelNamesHelper('BPF_FUNC_get_current_task_btf')
}
