import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentRun, auditOfFile, eventsIn, recordsIn, untilHas } from '../../../../test/support/agent-run.js'
import { Client, type EndPoint } from '../../../../test/support/client.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { toldBalance } from '../../../../test/support/told-balance.js'
import { openPipe } from '../../../../test/support/two-ends.js'

const NOBODY = { address: '127.0.0.1', port: 1 }

let directory: string
let file: string
let client: Client
let pid: number
let listener: EndPoint | undefined
let cleanups: (() => unknown)[]

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-agent-'))
  file = join(directory, 'events.jsonl')
  client = new Client()
  listener = undefined
  pid = (await client.who()).pid
  cleanups = [() => rmSync(directory, { recursive: true }), () => client.stop()]
})
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

function start(args: readonly string[], stdout?: number): AgentRun {
  const run = new AgentRun(args, stdout)
  cleanups.push(() => run.kill())
  return run
}

/** Traces only the client, into a spool on disk. */
const flags = () => ['--tool', 'tcpconnlat', '--pid', String(pid), '--spool-dir', join(directory, 'spool')]
const connects = (of: string) => eventsIn(of, 'tcpconnlat')
/** Ports that connects came from, which the client's own sockets tell too. */
const portsOf = (records: readonly Readonly<Record<string, unknown>>[]) =>
  records.map((record) => Number(record['source_port']))

async function connect(count: number): Promise<number[]> {
  // One for all connects of a test, and none is closed: no port comes twice.
  listener ??= await client.listen('127.0.0.1', { backlog: 4096 })
  const ports: number[] = []
  for (let i = 0; i < count; i++) ports.push((await client.connect(listener)).local.port)
  return ports
}

describeKernel('hivetap agent', () => {
  it('has delivered all when SIGTERM ends it, and its ledger says so', async () => {
    const run = await start([...flags(), '--file-path', file]).recording()
    const ports = await connect(50)
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(portsOf(connects(file))).toEqual(ports)
    expect(toldBalance(run.stderr)).toMatchObject({ own: 50, told: 50, underWay: 0, lost: 0 })
    expect(run.stderr).toContain('ledger: all was delivered')
    expect(auditOfFile(file)).toMatchObject({ status: 0, epochs: [{ verdict: 'proven', state: 'ended' }] })
  })

  it('loses nothing while SIGHUP changes tools, filters and sinks', async () => {
    const config = join(directory, 'hivetap.yaml')
    const spool = join(directory, 'spool')
    const one = `{ type: file, path: ${file} }`
    writeFileSync(
      config,
      `tools: [tcpconnlat]\nfilters: { pid: ${pid} }\nspool: { dir: ${spool} }\nsinks: [${one}]\n`,
    )
    const run = await start(['--config', config]).recording()
    writeFileSync(
      config,
      `tools: [tcpconnlat, execsnoop]\nfilters: { pid: ${pid}, uid: 0 }\nspool: { dir: ${spool} }\n` +
        `sinks: [${one}, { type: file, name: second, path: ${file}.second }]\n`,
    )
    const ports = await connect(20)
    run.child.kill('SIGHUP')
    // It goes on connecting until it was told of both epochs.
    while (new Set(recordsIn(file).map(epochOf)).size < 2) {
      ports.push(...(await connect(2)))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    ports.push(...(await connect(20)))
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })

    const audit = auditOfFile(file)
    expect(audit).toMatchObject({ status: 0, epochs: [{ verdict: 'proven' }, { verdict: 'proven' }] })
    const told = connects(file)
    // A connect of the time in which the tools of both are attached is told by each: once in each.
    for (const { epoch, tools } of audit.epochs) {
      const own = portsOf(told.filter((record) => epochOf(record) === epoch))
      expect(new Set(own).size).toBe(own.length)
      const { produced = 0, filtered = 0 } = tools.find(({ tool }) => tool === 'tcpconnlat') ?? {}
      expect(produced - filtered).toBe(own.length)
    }
    expect(new Set(portsOf(told))).toEqual(new Set(ports))
    // The sink that was added has the epoch that began with it.
    const last = epochOf(told.at(-1) ?? {})
    const ofLast = (records: typeof told) => portsOf(records.filter((record) => epochOf(record) === last))
    expect(ofLast(connects(`${file}.second`))).toEqual(ofLast(told))
  })

  it('killed, and started again on its spool: what was accepted is there, and the epoch is told as cut', async () => {
    const config = join(directory, 'hivetap.yaml')
    const later = join(directory, 'later')
    const late = join(later, 'events.jsonl')
    writeFileSync(
      config,
      `tools: [tcpconnlat]\nfilters: { pid: ${pid} }\nspool: { dir: ${join(directory, 'spool')} }\n` +
        `sinks: [{ type: file, path: ${file} }, { type: file, name: late, path: ${late} }]\n`,
    )
    const killed = await start(['--config', config]).recording()
    const ports = await connect(50)
    // What one sink has, the spool had accepted. The other's directory does not exist yet.
    await untilHas(file, 'tcpconnlat', ports.length)
    expect(await killed.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
    mkdirSync(later)
    const run = await start(['--config', config]).recording()
    ports.push(...(await connect(10)))
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    for (const each of [file, late]) {
      expect(new Set(portsOf(connects(each)))).toEqual(new Set(ports))
      const { status, epochs } = auditOfFile(each)
      expect(status).toBe(4)
      expect(epochs.map(({ state }) => state).sort()).toEqual(['cut', 'ended'])
      expect(epochs.map(({ missing }) => missing)).toEqual([0, 0])
    }
  })

  it('refuses a spool that another has, and says which process', async () => {
    const first = await start([...flags(), '--file-path', file]).recording()
    const second = start([...flags(), '--file-path', `${file}.2`])
    expect(await second.ended()).toEqual({ code: 1, signal: null })
    expect(second.stderr).toContain(`in use by process ${first.child.pid}`)
    const ports = await connect(3)
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(portsOf(connects(file))).toEqual(ports)
  })

  it('refuses to pin without a spool on disk', async () => {
    const run = start(['--tool', 'tcpconnlat', '--pid', String(pid), '--pin', '--file-path', file])
    expect(await run.ended()).toEqual({ code: 1, signal: null })
    expect(run.stderr).toContain('pin.enabled needs spool.dir')
    expect(run.stderr).not.toContain('at runAgent')
  })

  it('with a reader that does not read, lets the kernel count, and ends in time', async () => {
    const { near, closeNear, closeFar } = openPipe()
    cleanups.push(closeNear, closeFar)
    const args = [
      // It tells of refused connects too.
      ...['--tool', 'tcpconnect', '--pid', String(pid), '--spool-dir', join(directory, 'spool')],
      ...['--sink', 'stdout', '--spool-policy', 'block', '--spool-max-bytes', '1MiB'],
      // The first holds a storm behind the record that says that the run has begun: the next run, whose sink is another, finds both.
      ...['--spool-segment-bytes', '512KiB', '--buffer-bytes', '256KiB', '--shutdown-timeout', '3s'],
    ]
    const run = await start(args, near).recording()
    // Little enough at a time for the buffer; in all, more than spool and buffer hold.
    for (let round = 0; round < 40; round++) {
      await client.storm(NOBODY, 500)
      await new Promise((resolve) => setTimeout(resolve, 120))
    }
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    // What others do is left out by the filter: how much that is, is not the test's.
    const ledger = /ledger: \d+ connects: (\d+) told, .* 0 under way, (\d+) lost: (.*)"/
    const [, recorded, lost, reasons = ''] = ledger.exec(run.stderr) ?? []
    const count = (reason: string) => Number(new RegExp(`(\\d+) ${reason}`).exec(reasons)?.[1] ?? 0)
    expect(count('no room in the buffer')).toBeGreaterThan(0)
    // What stood in the buffer when the time was over could not be recorded.
    expect(count('no room in the buffer') + count('not written')).toBe(Number(lost))
    expect(Number(recorded) + Number(lost)).toBe(20_000)
    expect(run.stderr).toContain('the next run on this spool goes on')

    // Another run on the spool, with a reader that reads: what the kernel had room for is there, or is told as lost.
    const next = await start([...flags(), '--file-path', file]).recording()
    expect(await next.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(auditOfFile(file)).toMatchObject({
      status: 0,
      epochs: [{ verdict: 'proven' }, { verdict: 'proven' }],
    })
  })
})

function epochOf(record: Readonly<Record<string, unknown>>): string {
  return String(record['event_id']).slice(0, 36)
}
