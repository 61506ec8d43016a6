import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentRun, auditOfFile, recordsIn } from '../../../../test/support/agent-run.js'
import { Client } from '../../../../test/support/client.js'
import { HIVETAP } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'

const NOBODY = { address: '127.0.0.1', port: 1 }
const FAILS =
  /the disk of the spool fails, since .* in all: cannot write to .*\/spool\/.*ENOSPC.*; make room there/

let directory: string
let disk: string
let mounted = false
let file: string
let client: Client
let run: AgentRun | undefined

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-full-disk-'))
  disk = mkdtempSync(join(tmpdir(), 'hivetap-tmpfs-'))
  mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status === 0
  file = join(directory, 'events.jsonl')
  client = new Client()
})
afterEach(async () => {
  await run?.kill()
  client.stop()
  if (mounted) spawnSync('umount', [disk])
  rmSync(disk, { recursive: true })
  rmSync(directory, { recursive: true })
})

/** An agent whose spool is on a tiny disk, with room in it for all that a test makes. */
async function start(): Promise<AgentRun> {
  const { pid } = await client.who()
  run = new AgentRun([
    ...['--tool', 'tcpconnect', '--pid', String(pid), '--spool-dir', join(disk, 'spool')],
    ...['--spool-policy', 'drop_newest', '--file-path', file],
    ...['--health-socket', join(directory, 'health.sock')],
  ])
  return await run.recording()
}

/** Somebody else takes all the room that there is. */
function fill(): void {
  expect(spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'other')}`, 'bs=4096']).status).not.toBe(0)
}

/** Connects until the health says what is asked for. @returns how many */
async function connectUntil(says: RegExp, lines: 'match' | 'not'): Promise<{ made: number; text: string }> {
  const until = performance.now() + 50_000
  for (let made = 0; ; ) {
    made += await client.storm(NOBODY, 100)
    await sleep(200)
    const text = String(
      spawnSync(process.execPath, [HIVETAP, 'health', join(directory, 'health.sock')]).stdout,
    )
    if (says.test(text) === (lines === 'match')) return { made, text }
    if (performance.now() > until) throw new Error(`${text}\n${run?.stderr}`)
  }
}

describeKernel('hivetap agent whose disk is full', () => {
  it('says so in its health as long as that is so, and declares what it cost', async ({ skip }) => {
    if (!mounted) return skip('mounting a tmpfs is not permitted here')
    const agent = await start()
    const well = await connectUntil(/^healthy: /, 'match')
    fill()
    const full = await connectUntil(FAILS, 'match')
    expect(full.text).toMatch(/^degraded: /)
    rmSync(join(disk, 'other'))
    const again = await connectUntil(FAILS, 'not')
    expect(again.text).toMatch(/^healthy: /)
    expect(await agent.end('SIGTERM'), agent.stderr).toEqual({ code: 0, signal: null })
    const audit = auditOfFile(file)
    expect(audit).toMatchObject({ status: 0, epochs: [{ verdict: 'proven', state: 'ended', missing: 0 }] })
    const losses = recordsIn(file).filter(({ record }) => record === 'loss')
    expect(new Set(losses.map(({ reason }) => reason))).toEqual(new Set(['spool_failed']))
    const events = recordsIn(file).filter(({ record }) => record === undefined).length
    expect(events).toBeLessThan(well.made + full.made + again.made)
    expect(events).toBeGreaterThan(well.made)
  })

  it('told to end, ends in order: what it delivered stays delivered, and the rest is declared', async ({
    skip,
  }) => {
    if (!mounted) return skip('mounting a tmpfs is not permitted here')
    const agent = await start()
    await connectUntil(/^healthy: /, 'match')
    fill()
    await connectUntil(FAILS, 'match')
    expect(await agent.end('SIGTERM'), agent.stderr).toEqual({ code: 0, signal: null })
    expect(agent.log('the agent cannot go on')).toEqual([])
    const losses = recordsIn(file).filter(({ record }) => record === 'loss')
    expect(losses.map(({ reason }) => reason)).toContain('spool_failed')
  })
})
