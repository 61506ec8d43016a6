import { readFileSync, writeFileSync } from 'node:fs'
import type { ArgumentBounds } from './find-mm.js'

/** A thread may always name itself here, whoever its process runs as: proc_tid_comm_permission in fs/proc/base.c. */
const OWN_NAME = '/proc/thread-self/comm'

/** What the kernel calls the calling thread, with the zero behind it: proc_pid_comm(5). `undefined` without /proc. */
export function threadName(): Uint8Array | undefined {
  try {
    const line = readFileSync(OWN_NAME)
    return Uint8Array.from([...line.subarray(0, -1), 0])
  } catch {
    return undefined
  }
}

/** Names the calling thread: at most fifteen bytes and a zero. Nothing happens where /proc may not be written. */
export function nameThread(name: Uint8Array): void {
  try {
    writeFileSync(OWN_NAME, name, { flag: 'r+' })
  } catch {
    // Whoever looks for the name does not find it, and knows as much.
  }
}

/** Where the arguments and the environment of this process lie: proc_pid_stat(5). */
export function argumentBounds(): ArgumentBounds | undefined {
  let stat: string
  try {
    stat = readFileSync('/proc/self/stat', 'latin1')
  } catch {
    return undefined
  }
  // The second field is a name, and may hold anything but the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const address = (number: number) => BigInt(fields[number - 3] ?? 0)
  return { argStart: address(48), argEnd: address(49), envStart: address(50), envEnd: address(51) }
}
