import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AgentRun, auditOfFile, eventsIn, untilHas } from '../../../../test/support/agent-run.js'
import { type Bpffs, canMountBpffs, mountedBpffs } from '../../../../test/support/bpffs.js'
import { cgroup2Mount } from '../../../../test/support/cgroup.js'
import { Client, type EndPoint } from '../../../../test/support/client.js'
import { HIVETAP } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'

const CGROUPS = cgroup2Mount()

let directory: string
let config: string
let file: string
/** What exitsnoop is to look at: a cgroup only once it is mended. */
let group: string
let health: string
let client: Client
let pid: number
let listener: EndPoint
const runs: AgentRun[] = []

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-refused-'))
  config = join(directory, 'hivetap.yaml')
  file = join(directory, 'events.jsonl')
  group = join(directory, 'group')
  health = join(directory, 'health.sock')
  symlinkSync(directory, group)
  client = new Client()
  pid = (await client.who()).pid
  listener = await client.listen('127.0.0.1', { backlog: 4096 })
})
afterEach(async () => {
  for (const run of runs.splice(0)) await run.kill()
  client.stop()
  rmSync(directory, { recursive: true })
})

/** From now on exitsnoop can be attached. */
function mend(): void {
  rmSync(group)
  symlinkSync(CGROUPS as string, group)
}

function configure({ required = false, tools = ['tcpconnlat'], pin = '' } = {}): void {
  const exits = { name: 'exitsnoop', options: { cgroup: group }, required }
  writeFileSync(
    config,
    JSON.stringify({
      tools: [...tools, exits],
      filters: { pid },
      spool: { dir: join(directory, 'spool') },
      sinks: [{ type: 'file', path: file }],
      health: { socket: health },
      ...(pin === '' ? {} : { pin: { enabled: true, directory: pin } }),
    }),
  )
}

function start(): AgentRun {
  const run = new AgentRun(['--config', config])
  runs.push(run)
  return run
}

async function connect(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await client.connect(listener)
}

function askHealth() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [HIVETAP, 'health', health], {
    encoding: 'utf8',
  })
  return { status, text: stdout + stderr }
}

/** Asks the agent to read its configuration anew, and waits for what it says then. */
async function reload(run: AgentRun, said: string): Promise<void> {
  const before = run.log(said).length
  run.child.kill('SIGHUP')
  await run.until(() => run.log(said).length > before, said)
}

describeKernel('hivetap agent, where a tool cannot be attached', () => {
  describe.skipIf(CGROUPS === undefined)('for want of its cgroup', () => {
    it('runs the others, says so, and tries it again with SIGHUP', async () => {
      configure()
      const run = await start().recording()
      const [said] = run.log('a tool cannot be attached')
      expect(said).toMatchObject({ level: 'error', tool: 'exitsnoop', error: expect.stringContaining(group) })
      expect(askHealth()).toEqual({
        status: 0,
        text: expect.stringMatching(/degraded: agent of .*; exitsnoop is not attached: /),
      })
      await connect(5)
      await reload(run, 'a tool cannot be attached')
      await connect(5)
      await untilHas(file, 'tcpconnlat', 10)
      mend()
      await reload(run, 'another epoch begins')
      expect(askHealth()).toEqual({ status: 0, text: expect.stringMatching(/^healthy: agent of [^;]*\n$/) })
      await connect(5)
      client.stop()
      await untilHas(file, 'exitsnoop', 1)
      expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
      expect(eventsIn(file, 'exitsnoop')).toMatchObject([{ pid }])
      const { status, epochs, said: audit } = auditOfFile(file)
      expect(status, JSON.stringify(audit)).toBe(0)
      expect(epochs.map(({ tools }) => tools.map(({ tool }) => tool))).toEqual([
        ['tcpconnlat'],
        ['exitsnoop', 'tcpconnlat'],
      ])
    })

    it.each([
      ['that is required', { required: true }],
      ['where there is no other', { tools: [] }],
    ])('%s, does not start', async (_, asked) => {
      configure(asked)
      const run = start()
      expect(await run.ended()).toEqual({ code: 1, signal: null })
      expect(run.log('the agent cannot go on')[0]?.['error']).toContain(group)
    })

    describe.skipIf(!canMountBpffs())('pinned', () => {
      let bpffs: Bpffs
      beforeEach(() => {
        bpffs = mountedBpffs()
      })
      afterEach(() => bpffs.close())

      it('goes on with the others as long as it still cannot be had, and begins anew with it then', async () => {
        const pin = join(bpffs.path, 'hivetap')
        configure({ pin })
        const first = await start().recording()
        await connect(5)
        await untilHas(file, 'tcpconnlat', 5)
        await first.end('SIGTERM')
        await connect(5)
        const second = await start().recording()
        expect(second.stderr).toContain('nothing was missed')
        expect(second.log('a tool cannot be attached')).toMatchObject([{ tool: 'exitsnoop' }])
        await untilHas(file, 'tcpconnlat', 10)
        await reload(second, 'a tool cannot be attached')
        mend()
        await reload(second, 'another epoch begins')
        client.stop()
        await untilHas(file, 'exitsnoop', 1)
        expect(await second.end('SIGTERM'), second.stderr).toEqual({ code: 0, signal: null })
        expect(existsSync(join(pin, 'unfinished'))).toBe(false)
        const { status, epochs, said } = auditOfFile(file)
        expect(status, JSON.stringify(said)).toBe(0)
        expect(epochs.map(({ state, verdict }) => [state, verdict]).sort()).toEqual([
          ['ended', 'proven'],
          ['running', 'proven'],
        ])
        expect(eventsIn(file, 'tcpconnlat')).toHaveLength(10)
      })
    })
  })
})
