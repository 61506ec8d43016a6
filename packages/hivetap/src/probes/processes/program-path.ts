import type { BpfMap } from '@hivetap/bpf'
import type { ProcessMark } from './process-mark.js'

/** What the kernel keeps of a program's path: struct program_path of program-path.h. */
export interface KeptPath {
  /** Bytes of names. */
  readonly size: number
  /** Whether directories above those names are not there. */
  readonly cut: boolean
  /** Whether the file has been removed, or never was in a directory. */
  readonly removed: boolean
  /** The name of the file, then those of its directories, the last first; a NUL behind each. */
  readonly names: Uint8Array
}

/** A process, and which program it is: struct program_key of kept-program-paths.h. */
export interface ProgramKey {
  readonly startNs: bigint
  readonly argumentsAt: bigint
  readonly pid: bigint
}

export type PathsMap = BpfMap<ProgramKey, KeptPath>

/** The path of a process's program. */
export interface ProgramPath {
  /** As /proc/PID/exe has it: ` (deleted)` behind it where the file was removed. One that was cut begins with `…/`. */
  readonly path: string
  /** Whether all of it is there. */
  readonly whole: boolean
}

/** What stands for directories that did not fit. */
const CUT = '…'

/** The key that the kernel's programs have for the program of a process. */
export function programKey(pid: number, { processStartNs, argumentsAt }: ProcessMark): ProgramKey {
  return { startNs: BigInt(processStartNs), argumentsAt: BigInt(argumentsAt), pid: BigInt(pid) }
}

/** The path, of what the kernel kept. Bytes that are no UTF-8 become U+FFFD, as with Node's own functions. */
export function pathOf({ size, cut, removed, names }: KeptPath): ProgramPath {
  const text = Buffer.from(names.buffer, names.byteOffset, Math.min(size, names.length)).toString('utf8')
  // A NUL is behind the last, too.
  const parts = text.split('\0').slice(0, -1).reverse()
  return { path: `${cut ? CUT : ''}/${parts.join('/')}${removed ? ' (deleted)' : ''}`, whole: !cut }
}
