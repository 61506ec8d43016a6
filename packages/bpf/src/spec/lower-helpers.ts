import { type Instruction, isHelperCall } from '../asm/instruction.js'

/** Helpers that an older one stands in for: it does the same wherever kernel and user addresses do not overlap. */
export const OLDER_HELPERS: ReadonlyMap<number, number> = new Map([
  [112, 4], // bpf_probe_read_user        → bpf_probe_read
  [113, 4], // bpf_probe_read_kernel      → bpf_probe_read
  [114, 45], // bpf_probe_read_user_str   → bpf_probe_read_str
  [115, 45], // bpf_probe_read_kernel_str → bpf_probe_read_str
])

/**
 * Puts the older helper for each newer one that a kernel does not have. The instructions are changed in place.
 *
 * @param has whether the kernel has a helper, by number; asked once a helper that occurs
 */
export function lowerHelpers(code: readonly Instruction[], has: (helper: number) => boolean): void {
  const answers = new Map<number, boolean>()
  for (const insn of code) {
    const older = isHelperCall(insn) ? OLDER_HELPERS.get(insn.imm) : undefined
    if (older === undefined) continue
    const known = answers.get(insn.imm) ?? has(insn.imm)
    answers.set(insn.imm, known)
    if (!known) insn.imm = older
  }
}
