import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs'

/** The pid that was given out last, in this pid namespace: the next search begins behind it. */
const LAST_PID = '/proc/sys/kernel/ns_last_pid'
const TRIES = 500

/** Whether a process may be given a pid of choice here. */
export function canChoosePids(): boolean {
  try {
    accessSync(LAST_PID, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Ends a process that the test started, and waits until its pid is free. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** A process that waits to be ended. */
export function startIdle(): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' })
  const { pid } = child
  if (pid === undefined) throw new Error('sleep could not be started')
  return Object.assign(child, { pid })
}

/** The same with a pid that is free. Others on this host start processes too: it is tried until it comes out right. */
export async function startIdleAs(pid: number): Promise<ChildProcess> {
  for (let tries = 0; tries < TRIES; tries++) {
    writeFileSync(LAST_PID, String(pid - 1))
    const child = startIdle()
    if (child.pid === pid) return child
    await endProcess(child)
  }
  throw new Error(`no process could be given the pid ${pid}; the last was ${readFileSync(LAST_PID, 'utf8')}`)
}
