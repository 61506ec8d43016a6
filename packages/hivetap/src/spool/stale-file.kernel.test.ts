import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BrokenHost } from '../../../../test/support/broken-host.js'
import { hasCommand } from '../../../../test/support/commands.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { batchOf, epochOf } from '../../../../test/support/spool.js'
import { openDiskSpool } from './disk-spool.js'

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url))
const RECORDS = 30

/** Opens the spool, reads all once it is told to, and tells what it found; of its faults, as they are met. */
const PROGRAM = `
const [dist, dir] = process.argv.slice(1)
const { openDiskSpool } = await import(dist + 'spool/disk-spool.js')
const spool = openDiskSpool({ dir, maxBytes: 1 << 20, segmentBytes: 1000, policy: 'drop_oldest', fsync: 'never',
  fsyncIntervalMs: 1000, readers: ['one'] })
const say = (what) => process.stdout.write(JSON.stringify(what) + '\\n')
say({ open: true })
await new Promise((resolve) => process.stdin.once('data', resolve))
const look = setInterval(() => {
  const [fault] = spool.faults
  if (fault !== undefined) say({ task: fault.task, failing: fault.failing, error: fault.error.message })
}, 100)
const reader = spool.reader('one')
const counts = { read: 0, spool_damaged: 0 }
while (counts.read + counts.spool_damaged < ${RECORDS}) {
  const entry = await reader.next(new AbortController().signal)
  if (entry.kind === 'batch') counts.read += entry.batch.records.length
  else counts[entry.loss.reason] += entry.loss.lastSequence - entry.loss.firstSequence + 1
}
clearInterval(look)
say({ ...counts, errors: spool.errors.read })
process.exit(0)
`

let host: BrokenHost
let child: ChildProcess | undefined
beforeEach(async () => {
  host = new BrokenHost()
  const spool = openDiskSpool({
    ...{ dir: host.disk, maxBytes: 1 << 20, segmentBytes: 1000, policy: 'drop_oldest' },
    ...{ fsync: 'never', fsyncIntervalMs: 1000, readers: ['one'] },
  })
  for (let at = 0; at < RECORDS; at += 3)
    expect(await spool.append(batchOf(epochOf(1), at, 3), new AbortController().signal)).toBe(true)
  await spool.close()
})
afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  host.close()
})

describeKernelIf(hasCommand('gcc'))('a file that its server has no more', () => {
  it('is opened anew until it is there again: nothing is lost', async () => {
    child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', DIST, host.disk], {
      env: { ...process.env, ...host.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const { stdin, stdout } = child
    if (stdin === null || stdout === null) throw new Error('It has no input, or no output')
    const said: Record<string, unknown>[] = []
    for await (const line of createInterface({ input: stdout })) {
      const what = JSON.parse(line) as Record<string, unknown>
      said.push(what)
      if (what['open'] === true) {
        host.breakDisk({ reads: constants.errno.ESTALE })
        stdin.write('\n')
      } else if (what['failing'] === true) host.breakDisk({})
    }
    expect(said).toContainEqual({
      ...{ task: 'read', failing: true },
      error: expect.stringMatching(/ESTALE|Unknown system error -116/),
    })
    expect(said.at(-1)).toEqual({ read: RECORDS, spool_damaged: 0, errors: expect.any(Number) })
    expect(host.failed).toBeGreaterThan(0)
  })
})
