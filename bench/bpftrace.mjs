// @ts-check
import { join } from 'node:path'
import { ROOT } from '../scripts/root.mjs'
import { Program, wait } from './program.mjs'

const SCRIPT = join(ROOT, 'bench/connects/tcpconnlat.bt')
/** It asks for tracefs where that used to be; in a mount namespace of its own it has both. */
const MOUNTS =
  'mount -t tracefs none /sys/kernel/tracing; mount -t debugfs none /sys/kernel/debug; exec "$0" "$@"'
/** It attaches three programs to the tracepoint, each through a perf event; a fourth is its BEGIN's. */
const PERF_EVENT = 'anon_inode:[perf_event]'

/**
 * Starts bpftrace with the script that prints tcpconnlat's lines, and waits until it is attached: until it opens no
 * more perf events.
 *
 * @param {number} stdout descriptor
 */
export async function startBpftrace(stdout) {
  const program = new Program(
    'unshare',
    ['-m', 'sh', '-c', MOUNTS, 'bpftrace', '-q', '-B', 'full', SCRIPT],
    // Buffers as large as it takes to lose nothing.
    { stdout, env: { BPFTRACE_PERF_RB_PAGES: '1024' } },
  )
  let before = 0
  for (let now = -1; now !== before || now === 0; ) {
    before = now
    await wait(1000)
    if (program.child.exitCode !== null) throw new Error(`bpftrace ended: ${program.stderr}`)
    now = program.descriptors(PERF_EVENT)
  }
  return program
}
