import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentRun, auditOfFile, eventsIn, recordsIn } from '../../../../../test/support/agent-run.js'
import { Client, type EndPoint } from '../../../../../test/support/client.js'
import { Hivetap } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { decodeCells } from '../../detect/summary/cells-codec.js'
import { sizeOfCell } from '../../detect/summary/connect-summary.js'

/** Nobody listens there: a connect is refused. */
const NOBODY = { address: '127.0.0.1', port: 1 }

let directory: string
let file: string
let client: Client
let pid: number
let listener: EndPoint
let cleanups: (() => unknown)[]

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-summaries-'))
  file = join(directory, 'events.jsonl')
  client = new Client()
  pid = (await client.who()).pid
  cleanups = [() => rmSync(directory, { recursive: true }), () => client.stop()]
  listener = await client.listen('127.0.0.1', { backlog: 4096 })
})
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

/** Writes the configuration. @param summaries its settings; absent: no such key */
function configure(summaries?: string): string {
  const config = join(directory, 'hivetap.yaml')
  writeFileSync(
    config,
    `tools: [{ name: tcpconnlat, options: { failed: true } }]\nfilters: { pid: ${pid} }\n` +
      `spool: { dir: ${join(directory, 'spool')} }\nsinks: [{ type: file, path: ${file} }]\n` +
      (summaries === undefined ? '' : `summaries: { tools: [tcpconnlat], ${summaries} }\n`),
  )
  return config
}

function start(config: string): Promise<AgentRun> {
  const run = new AgentRun(['--config', config])
  cleanups.push(() => run.kill())
  return run.recording()
}

const summaries = () => recordsIn(file).filter(({ record }) => record === 'summary')
const summarised = () => summaries().reduce((sum, { events }) => sum + Number(events), 0)
const epochOf = (record: Readonly<Record<string, unknown>>) => String(record['event_id']).slice(0, 36)

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50))
}

describeKernel('hivetap agent with summaries', () => {
  it('tells connects in summaries, failed ones by themselves, and the sum of both is proven', async () => {
    // Longer than the test is: windows end because the agent does.
    const run = await start(configure('every: 1h'))
    for (let i = 0; i < 40; i++) await client.connect(listener)
    for (let i = 0; i < 3; i++) await client.connect(NOBODY)
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })

    expect(eventsIn(file, 'tcpconnlat').map(({ outcome }) => outcome)).toEqual(Array(3).fill('refused'))
    // Two where the hour ended meanwhile.
    expect(summarised()).toBe(40)
    for (const one of summaries()) {
      expect(one).toMatchObject({
        version: 1,
        tool: 'tcpconnlat',
        destination_address: '127.0.0.1',
        destination_port: listener.port,
        outcomes: { connected: one['events'] },
      })
      const cells = decodeCells(Buffer.from(String(one['cells']), 'base64'))
      expect(cells.reduce((sum, cell) => sum + sizeOfCell(cell), 0)).toBe(one['events'])
      const [slowest] = one['examples'] as readonly { readonly latency_us: number; readonly pid: number }[]
      expect(slowest).toMatchObject({ pid, latency_us: one['latency_max_us'] })
      expect(Number(one['latency_sum_us'])).toBeGreaterThanOrEqual(Number(one['latency_max_us']))
    }
    const ended = recordsIn(file).find(
      ({ record, ended: isEnded }) => record === 'ledger' && isEnded === true,
    )
    expect(ended).toMatchObject({ delivered: 43, summarised: 40, in_flight: 0, dropped: {} })
    expect(recordsIn(file).at(-1)).toMatchObject({
      record: 'epoch',
      state: 'ended',
      events: 3,
      summaries: summaries().length,
      summarised: 40,
    })
    expect(auditOfFile(file)).toMatchObject({
      status: 0,
      epochs: [{ verdict: 'proven', delivered_check: { delivered: 43, events: 43 } }],
    })
  })

  it('tells a window once it is over, though nothing more comes', async () => {
    const run = await start(configure('every: 1s, delay: 0s'))
    for (let i = 0; i < 10; i++) await client.connect(listener)
    await until(() => summarised() === 10)
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(auditOfFile(file)).toMatchObject({ status: 0, epochs: [{ verdict: 'proven' }] })
  })

  it('loses nothing while SIGHUP turns summaries off, which begins another epoch', async () => {
    const run = await start(configure('every: 1h'))
    for (let i = 0; i < 20; i++) await client.connect(listener)
    configure()
    run.child.kill('SIGHUP')
    await until(() => new Set(recordsIn(file).map(epochOf)).size === 2)
    for (let i = 0; i < 5; i++) await client.connect(listener)
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect([summarised(), eventsIn(file, 'tcpconnlat').length]).toEqual([20, 5])
    expect(auditOfFile(file)).toMatchObject({
      status: 0,
      epochs: [{ verdict: 'proven' }, { verdict: 'proven' }],
    })
  })

  it('is found by detection and told of by the report, from a file and from a store', async () => {
    const config = configure('every: 1s, delay: 0s')
    const store = join(directory, 'store.duckdb')
    writeFileSync(
      config,
      readFileSync(config, 'utf8').replace(
        `path: ${file} }`,
        `path: ${file} }, { type: duckdb, path: ${store} }`,
      ),
    )
    const run = await start(config)
    for (let i = 0; i < 20; i++) await client.connect(listener)
    for (let i = 0; i < 2; i++) await client.connect(NOBODY)
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    const rules = join(directory, 'rules')
    writeFileSync(rules, 'rules: [{ kind: failures, outcomes: [connected], by: [host], window: 1d }]\n')
    const told = async (...args: readonly string[]) => {
      const run = new Hivetap(args)
      expect((await run.ended()).code).toBe(0)
      return run.lines
    }
    const detected = (...from: readonly string[]) => told('detect', '--rules', rules, '-o', 'json', ...from)
    const ofFile = await detected('--file', file)
    // Of two days, where one ended meanwhile.
    const bad = ofFile.map((line) => (JSON.parse(line) as { readonly bad: number }).bad)
    expect(bad.reduce((sum, one) => sum + one, 0)).toBe(20)
    expect(await detected('--store', store)).toEqual(ofFile)
    const report = (await told('report', '--store', store)).join('\n')
    expect(report).toContain('2 connects from')
    expect(report).toContain('20 connects more were told in summaries')
  })

  it('killed, says so as without summaries: the next run tells that the epoch was cut', async () => {
    const config = configure('every: 1h')
    const first = await start(config)
    for (let i = 0; i < 5; i++) await client.connect(listener)
    await first.end('SIGKILL')
    const second = await start(config)
    expect(await second.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(summaries()).toEqual([])
    const { status, epochs } = auditOfFile(file)
    expect([status, epochs.map(({ state }) => state)]).toEqual([4, ['cut', 'ended']])
  })
})
