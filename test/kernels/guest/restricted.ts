/**
 * hivetap on a kernel that refuses what an older one would: the command, not joined into one file, with something in front
 * of bpf(2). What is refused is named in RESTRICTIONS, separated by semicolons; a kernel's name stands for all of its.
 */
import { interposeBpf } from '../../../packages/bpf/src/sys/bpf.js'
import { main } from '../../../packages/hivetap/src/cli/main.js'
import { type RestrictionName, restrictKernel } from '../../support/older-kernel.js'
import { LINUX_4_19, LINUX_5_4 } from '../../support/older-kernel-names.mjs'

const KERNELS: Readonly<Record<string, readonly RestrictionName[]>> = {
  'Linux 4.19': LINUX_4_19,
  'Linux 5.4': LINUX_5_4,
}

const names = (process.env['RESTRICTIONS'] ?? '').split(';')
restrictKernel(
  interposeBpf,
  names.flatMap((name) => KERNELS[name] ?? [name as RestrictionName]),
)
process.exitCode = await main(process.argv.slice(2))
