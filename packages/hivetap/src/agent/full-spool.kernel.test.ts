import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentRun, auditOfFile, recordsIn } from '../../../../test/support/agent-run.js'
import { Client } from '../../../../test/support/client.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { openPipe, type TwoEnds } from '../../../../test/support/two-ends.js'

const NOBODY = { address: '127.0.0.1', port: 1 }
const ROUNDS = 24
const CONNECTS = 500

let directory: string
let file: string
let client: Client
let pipe: TwoEnds
let run: AgentRun

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-full-'))
  file = join(directory, 'events.jsonl')
  client = new Client()
  pipe = openPipe()
})
afterEach(async () => {
  await run.kill()
  pipe.closeNear()
  pipe.closeFar()
  client.stop()
  rmSync(directory, { recursive: true })
})

/** An agent whose reader does not read, with more to tell than pipe and spool hold: its recorder waits for room. */
async function startFull(): Promise<AgentRun> {
  const { pid } = await client.who()
  run = new AgentRun(
    [
      ...['--tool', 'tcpconnect', '--pid', String(pid), '--spool-dir', join(directory, 'spool')],
      ...['--sink', 'stdout', '--spool-policy', 'block', '--spool-max-bytes', '1MiB'],
      ...['--spool-segment-bytes', '256KiB', '--queue-sink-bytes', '64KiB', '--buffer-bytes', '8MiB'],
      ...['--shutdown-timeout', '90s'],
    ],
    pipe.near,
  )
  await run.recording()
  for (let round = 0; round < ROUNDS; round++) {
    await client.storm(NOBODY, CONNECTS)
    await sleep(50)
  }
  return run
}

const lossesIn = (of: string) => recordsIn(of).filter(({ record }) => record === 'loss')

describeKernel('hivetap agent, with a spool that is full and blocks', () => {
  it('told to end, gives what waits for the spool the time that it has: a reader that reads then gets all', async () => {
    const { child } = await startFull()
    const ended = run.end('SIGTERM')
    await run.said('ending:')
    let text = ''
    while (child.exitCode === null && child.signalCode === null) {
      text += pipe.read()
      await sleep(5)
    }
    expect(await ended, run.stderr).toEqual({ code: 0, signal: null })
    writeFileSync(file, text + pipe.read())
    expect(run.stderr).toContain('ledger: all was delivered')
    expect(lossesIn(file)).toEqual([])
    const audit = auditOfFile(file)
    expect(audit).toMatchObject({ status: 0, epochs: [{ verdict: 'proven', state: 'ended' }] })
    const events = recordsIn(file).filter(({ record }) => record === undefined)
    expect(events).toHaveLength(ROUNDS * CONNECTS)
  })

  it('told twice, ends at once: what waited is in the account as lost', async () => {
    await startFull()
    run.child.kill('SIGTERM')
    await run.said('ending:')
    expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
    const { pid } = run.child
    const next = ['--tool', 'tcpconnect', '--pid', String(pid), '--spool-dir', join(directory, 'spool')]
    // The sink's name says where it goes on.
    run = await new AgentRun([...next, '--sink', 'stdout'], pipe.near).recording()
    const ended = run.end('SIGTERM')
    let text = ''
    while (run.child.exitCode === null && run.child.signalCode === null) {
      text += pipe.read()
      await sleep(5)
    }
    await ended
    writeFileSync(file, text + pipe.read())
    const audit = auditOfFile(file)
    expect(audit.status, JSON.stringify(audit.said)).toBe(0)
    expect(audit.epochs.map(({ verdict }) => verdict)).toEqual(['proven', 'proven'])
    // What was in the spool is there; what had a number and found no room is declared.
    expect(lossesIn(file).map(({ reason }) => reason)).toEqual(['spool_full'])
  })
})
