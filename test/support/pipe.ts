import { readFileSync } from 'node:fs'
import { libc } from '../../packages/bpf/src/sys/libc.js'
import { allocate } from '../../packages/bpf/src/sys/memory.js'

/** pipe2(2) on both machines that the package runs on. */
const PIPE2 = process.arch === 'arm64' ? 59 : 293
const O_CLOEXEC = 0o2000000

/** A pipe, its ends as plain numbers, both blocking: what a program inherits from its shell. */
export function openPipe(): { readonly reader: number; readonly writer: number } {
  const ends = allocate(8)
  const result = libc().systemCall(PIPE2, ends, O_CLOEXEC)
  if (result < 0) throw new Error(`pipe2: errno ${-result}`)
  return { reader: ends.view.getInt32(0, true), writer: ends.view.getInt32(4, true) }
}

/** The flags of an open file, which all who share it see: proc_pid_fdinfo(5). */
export function statusFlags(fd: number): string {
  return /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? ''
}
