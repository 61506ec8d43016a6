import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentRun, recordsIn, untilHas } from '../../../../../test/support/agent-run.js'
import { Client } from '../../../../../test/support/client.js'
import { Hivetap } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'

let directory: string
let client: Client
let cleanups: (() => unknown)[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-detect-'))
  client = new Client()
  cleanups = [() => rmSync(directory, { recursive: true }), () => client.stop()]
})
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

const path = (name: string) => join(directory, name)

/** Connects that are refused are bad; alerts go to standard output and to a webhook where nobody listens. */
async function configured(): Promise<string> {
  const { pid } = await client.who()
  const rule = '{ kind: failures, window: 1s, min_bad: 1, min_connects: 0, resolve_after: 3 }'
  const alerts = '[{ type: stdout, format: json }, { type: webhook, url: "http://127.0.0.1:1/" }]'
  writeFileSync(
    path('hivetap.yaml'),
    `tools: [{ name: tcpconnlat, options: { failed: true } }]\nfilters: { pid: ${pid} }\nspool: { dir: ${path('spool')} }\nsinks:\n` +
      `  - { type: file, path: ${path('events')} }\n` +
      `  - { type: detect, rules: [${rule}], lateness: 500ms, alerts: ${alerts}, state_file: ${path('state')} }\n`,
  )
  return path('hivetap.yaml')
}

function agent(config: string): AgentRun {
  const run = new AgentRun(['--config', config])
  cleanups.push(() => run.kill())
  return run
}

async function fail(count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await client.connect({ address: '127.0.0.1', port: 1 }).catch(() => undefined)
}

const alertsOf = (run: AgentRun) =>
  run.lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
const statesOf = (run: AgentRun) => alertsOf(run).map(({ state }) => state)

describeKernel('the sink detect of an agent', () => {
  it('tells what its connects do, though a sink of alerts is down, and holds up no other sink', async () => {
    const run = await agent(await configured()).recording()
    await fail(3)
    await run.until(() => statesOf(run).includes('open'), 'an alert')
    await run.until(() => statesOf(run).includes('resolved'), 'its end')
    await fail(2)
    await run.until(() => statesOf(run).filter((state) => state === 'open').length === 2, 'another')
    await untilHas(path('events'), 'tcpconnlat', 5)
    expect(alertsOf(run)[0]).toMatchObject({ rule: 'failures', key: { destination: '127.0.0.1:1' }, bad: 3 })
    expect(run.log('alerts cannot be told')).toHaveLength(1)
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(recordsIn(path('events')).length).toBeGreaterThan(0)
  })

  it('keeps what it knows over SIGHUP and a restart: what is open is not opened again, and resolves', async () => {
    const config = await configured()
    const run = await agent(config).recording()
    await fail(1)
    await run.until(() => statesOf(run).includes('open'), 'an alert')
    run.child.kill('SIGHUP')
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(statSync(path('state')).mode & 0o777).toBe(0o600)
    const [header] = readFileSync(path('state'), 'utf8').split('\n')
    expect(JSON.parse(header ?? '')).toMatchObject({ line: 'detector', newest_us: expect.any(Number) })
    const again = await agent(config).recording()
    await again.until(() => statesOf(again).includes('resolved'), 'its end')
    expect(statesOf(again)).toEqual(['resolved'])
    expect(alertsOf(again)[0]?.['alert_id']).toBe(alertsOf(run)[0]?.['alert_id'])
    await again.end('SIGTERM')
  })

  it('finds in a store what it finds in a file of the same events', async () => {
    const { pid } = await client.who()
    const flags = ['--tool', 'tcpconnlat', '--pid', String(pid), '--spool-dir', path('spool')]
    const sinks = ['--file-path', path('events'), '--duckdb-path', path('store')]
    const run = await new AgentRun([...flags, ...sinks]).recording()
    cleanups.push(() => run.kill())
    const listener = await client.listen('127.0.0.1', { backlog: 64 })
    for (let i = 0; i < 20; i++) await client.connect(listener)
    await untilHas(path('events'), 'tcpconnlat', 20)
    await run.end('SIGTERM')
    const rules =
      '[{ kind: baseline, window: 1s, min_history: 3 }, { kind: failures, outcomes: [connected], by: [host] }]'
    writeFileSync(path('rules'), `rules: ${rules}\n`)
    const found = async (...from: readonly string[]) => {
      const detect = new Hivetap(['detect', '--rules', path('rules'), '-o', 'json', ...from])
      expect((await detect.ended()).code).toBe(0)
      return detect.lines
    }
    const ofFile = await found('--file', path('events'))
    expect(ofFile).toHaveLength(1)
    expect(JSON.parse(ofFile[0] ?? '')).toMatchObject({ bad: 20 })
    expect(await found('--store', path('store'))).toEqual(ofFile)
  })

  it('begins anew where what it remembers is damaged, and says so', async () => {
    const config = await configured()
    writeFileSync(path('state'), 'what?\n')
    const run = await agent(config).recording()
    await run.said('it begins anew')
    await fail(1)
    await run.until(() => statesOf(run).includes('open'), 'an alert')
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})
