// @ts-check
import { join } from 'node:path'
import { ROOT } from '../scripts/root.mjs'
import { Program, wait } from './program.mjs'

/** They ask for tracefs where that used to be; in a mount namespace of its own each has both. */
const MOUNTS =
  'mount -t tracefs none /sys/kernel/tracing; mount -t debugfs none /sys/kernel/debug; exec "$0" "$@"'
/** They attach their programs to tracepoints through perf events. */
const PERF_EVENT = 'anon_inode:[perf_event]'

/**
 * Starts bpftrace with a script that prints a tool's lines, and waits until it is attached.
 *
 * @param {string} script path below bench/
 * @param {number} stdout descriptor
 */
export function startBpftrace(script, stdout) {
  return startPeer(
    ['bpftrace', '-q', '-B', 'full', join(ROOT, 'bench', script)],
    stdout,
    // Buffers as large as it takes to lose nothing.
    { BPFTRACE_PERF_RB_PAGES: '1024' },
  )
}

/**
 * Starts a tool of libbpf-tools, and waits until it is attached.
 *
 * @param {string} tool
 * @param {number} stdout descriptor
 */
export function startLibbpfTool(tool, stdout) {
  return startPeer([`/usr/sbin/${tool}`], stdout, {})
}

/**
 * It is attached when it opens no more perf events.
 *
 * @param {readonly string[]} command
 * @param {number} stdout
 * @param {NodeJS.ProcessEnv} env
 */
async function startPeer(command, stdout, env) {
  const program = new Program('unshare', ['-m', 'sh', '-c', MOUNTS, ...command], { stdout, env })
  let before = 0
  for (let now = -1; now !== before || now === 0; ) {
    before = now
    await wait(1000)
    if (program.child.exitCode !== null) throw new Error(`${command[0]} ended: ${program.stderr}`)
    now = program.descriptors(PERF_EVENT)
  }
  return program
}
