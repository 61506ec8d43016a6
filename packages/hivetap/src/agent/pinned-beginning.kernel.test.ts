import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AgentRun, auditOfFile, eventsIn, recordsIn, untilHas } from '../../../../test/support/agent-run.js'
import { type Bpffs, canMountBpffs, mountedBpffs } from '../../../../test/support/bpffs.js'
import { Client, type EndPoint } from '../../../../test/support/client.js'
import { spoolEnd } from '../../../../test/support/kafka/agent-to-topic.js'
import { describeKernel } from '../../../../test/support/kernel.js'

let bpffs: Bpffs
let directory: string
let pins: string
let spoolDir: string
let file: string
let client: Client
let pid: number
let listener: EndPoint
const runs: AgentRun[] = []

beforeEach(async () => {
  bpffs = mountedBpffs()
  directory = mkdtempSync(join(tmpdir(), 'hivetap-beginning-'))
  pins = join(bpffs.path, 'hivetap')
  spoolDir = join(directory, 'spool')
  file = join(directory, 'events.jsonl')
  client = new Client()
  pid = (await client.who()).pid
  listener = await client.listen('127.0.0.1', { backlog: 4096 })
})
afterEach(async () => {
  for (const run of runs.splice(0)) await run.kill()
  client.stop()
  bpffs.close()
  rmSync(directory, { recursive: true })
})

function start(...more: readonly string[]): AgentRun {
  const pinned = ['--pin', '--pin-directory', pins, '--spool-dir', spoolDir, '--file-path', file]
  const run = new AgentRun(['--tool', 'tcpconnlat', '--pid', String(pid), ...pinned, ...more])
  runs.push(run)
  return run
}

async function connect(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let i = 0; i < count; i++) ports.push((await client.connect(listener)).local.port)
  return ports
}

/**
 * Returns when a run has pinned all that it attached: from then on nothing is missed. It records some milliseconds later: whatever
 * else this process has to do waits, as the loop of events would have taken longer than that on a busy machine.
 */
function waitUntilPinned({ stderr }: AgentRun): void {
  const tick = new Int32Array(new SharedArrayBuffer(4))
  const deadline = performance.now() + 60_000
  while (!existsSync(join(pins, 'run'))) {
    if (performance.now() > deadline) throw new Error(`it pinned nothing: ${stderr}`)
    Atomics.wait(tick, 0, 0, 1)
  }
}

/** A run that is killed when all is pinned, and nothing was recorded yet. */
async function killBeforeItRecords(): Promise<void> {
  const run = start()
  waitUntilPinned(run)
  run.child.kill('SIGKILL')
  await run.end('SIGKILL')
  expect(await spoolEnd(spoolDir)).toBeUndefined()
}

const portsOf = (of: string) => eventsIn(of, 'tcpconnlat').map((record) => Number(record['source_port']))

describeKernel('hivetap agent, killed as its pinned tools begin', () => {
  describe.skipIf(!canMountBpffs())('on a bpffs', () => {
    it('has each event that came before anything was recorded: the next run begins the epoch', async () => {
      await killBeforeItRecords()
      const ports = await connect(20)
      // The second is killed as early.
      await killBeforeItRecords()
      ports.push(...(await connect(20)))
      const last = await start().recording()
      ports.push(...(await connect(10)))
      // What is in the buffer when it ends is for the next run.
      await untilHas(file, 'tcpconnlat', ports.length)
      expect(await last.end('SIGTERM'), last.stderr).toEqual({ code: 0, signal: null })
      expect(portsOf(file)).toEqual(ports)
      const { status, epochs, said } = auditOfFile(file)
      expect(status, JSON.stringify(said)).toBe(0)
      expect(epochs).toMatchObject([{ verdict: 'proven', state: 'running', missing: 0 }])
      expect(recordsIn(file)[0]).toMatchObject({ record: 'epoch', state: 'started' })
    })

    it('ends the epoch with its account where other tools are asked for then', async () => {
      await killBeforeItRecords()
      const ports = await connect(20)
      const last = await start('--tool', 'exitsnoop').recording()
      expect(await last.end('SIGTERM'), last.stderr).toEqual({ code: 0, signal: null })
      expect(portsOf(file)).toEqual(ports)
      const { status, epochs, said } = auditOfFile(file)
      expect(status, JSON.stringify(said)).toBe(0)
      expect(epochs.map(({ state }) => state).sort()).toEqual(['ended', 'running'])
      expect(epochs.map(({ verdict }) => verdict)).toEqual(['proven', 'proven'])
    })

    it('says of an epoch whose tools were not all pinned that it is cut', async () => {
      const run = start()
      while (!existsSync(join(pins, 'unfinished'))) await sleep(0)
      run.child.kill('SIGKILL')
      await run.end('SIGKILL')
      const wasWhole = existsSync(join(pins, 'run'))
      const last = await start().recording()
      expect(await last.end('SIGTERM'), last.stderr).toEqual({ code: 0, signal: null })
      const states = auditOfFile(file).epochs.map(({ state }) => state)
      expect(states.sort()).toEqual(wasWhole ? ['running'] : ['cut', 'running'])
    })

    it('says nothing of one that could not be attached', async () => {
      const refused = start('--cgroup', directory)
      expect((await refused.ended()).code).toBe(1)
      const last = await start().recording()
      expect(await last.end('SIGTERM'), last.stderr).toEqual({ code: 0, signal: null })
      expect(auditOfFile(file).epochs.map(({ state }) => state)).toEqual(['running'])
    })
  })
})
