import type { RestrictionName } from '../../support/older-kernel.js'
import { LINUX_4_19, LINUX_5_4 } from '../../support/older-kernel-names.mjs'

/** hivetap: what it is called with, and the status that it ends with. */
export type Command = (args: readonly string[]) => Promise<number>

const KERNELS: Readonly<Record<string, readonly RestrictionName[]>> = {
  'Linux 4.19': LINUX_4_19,
  'Linux 5.4': LINUX_5_4,
}

/**
 * The command as it is installed; or, where RESTRICTIONS names what an older kernel would refuse, the command not joined
 * into one file, with something in front of bpf(2). Names are separated by semicolons; a kernel's stands for all of its.
 */
export async function loadCommand(): Promise<Command> {
  const names = process.env['RESTRICTIONS']?.split(';')
  if (names === undefined) {
    const bundle = '../../../packages/hivetap/dist/bundle/hivetap.js'
    return ((await import(bundle)) as { main: Command }).main
  }
  const { interposeBpf } = await import('../../../packages/bpf/src/sys/bpf.js')
  const { restrictKernel } = await import('../../support/older-kernel.js')
  restrictKernel(
    interposeBpf,
    names.flatMap((name) => KERNELS[name] ?? [name as RestrictionName]),
  )
  return (await import('../../../packages/hivetap/src/cli/main.js')).main
}
