// @ts-check
/** Runs in the guest: starts each tool in turn, makes connections, and prints how long BPF programs ran. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'

const ROUNDS = 5
const CONNECTS = 3_000
/** Slow enough for the peer to lose none: what it prints shows that it measured the same. */
const A_SECOND = 300
const STARTS_MS = 15_000
const SETTLES_MS = 2_000
const TOOLS = [
  { tool: 'hivetap', command: ['node', 'packages/hivetap/bin/hivetap.js', 'tcpconnlat'] },
  { tool: 'tcpconnlat', command: ['tcpconnlat'] },
]

writeFileSync('/proc/sys/kernel/bpf_stats_enabled', '1')
for (let round = 0; round < ROUNDS; round++) {
  for (const { tool, command } of TOOLS) {
    const [program = '', ...args] = command
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let lines = 0
    child.stdout.setEncoding('utf8').on('data', (text) => {
      lines += text.split(' storm ').length - 1
    })
    // Into a pipe the peer prints its header at its end: there is nothing to wait for but time.
    await wait(STARTS_MS)
    const before = runTime()
    execFileSync('storm', [String(CONNECTS), String(A_SECOND)], {
      input: '\n',
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    await wait(SETTLES_MS)
    const after = runTime()
    child.kill('SIGINT')
    await once(child, 'close')
    if (lines !== CONNECTS) throw new Error(`${tool} printed ${lines} lines of ${CONNECTS}`)
    const reading = {
      tool,
      runTimeNs: after.ns - before.ns,
      runs: after.runs - before.runs,
      connects: CONNECTS,
    }
    process.stdout.write(`##READING ${JSON.stringify(reading)}\n`)
  }
}

/** Of all programs that are in the kernel. */
function runTime() {
  /** @type {{ run_time_ns?: number, run_cnt?: number }[]} */
  const programs = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' }))
  return {
    ns: programs.reduce((sum, { run_time_ns = 0 }) => sum + run_time_ns, 0),
    runs: programs.reduce((sum, { run_cnt = 0 }) => sum + run_cnt, 0),
  }
}

/** @param {number} ms @returns {Promise<void>} */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
