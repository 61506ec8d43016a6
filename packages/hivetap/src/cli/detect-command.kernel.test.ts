import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import { Hivetap } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'

const SCHEMA = new URL('../../../../docs/alert.schema.json', import.meta.url)

let directory: string
let cleanups: (() => unknown)[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-detect-'))
  cleanups = [() => rmSync(directory, { recursive: true })]
})
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

const path = (name: string) => join(directory, name)

/** A run that reads what the test writes. */
function detect(...args: readonly string[]): Hivetap {
  const run = new Hivetap(['detect', ...args], { stdin: 'pipe' })
  run.child.stdin?.on('error', () => undefined)
  cleanups.push(() => run.kill())
  return run
}

/** An event as the agent and the tools write it, so many milliseconds from now. */
function event(latencyMs: number, { atMs = 0, port = 443 } = {}): string {
  const time = new Date(Date.now() + atMs).toISOString()
  const fields = { time, host: 'n1', pid: 7, comm: 'curl', latency_us: latencyMs * 1000 }
  const where = { destination_address: '10.0.0.1', destination_port: port }
  return `${JSON.stringify({ tool: 'tcpconnlat', ...fields, ...where, outcome: 'connected', cause: 'network' })}\n`
}

const alertsOf = (run: Hivetap) => run.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
const statesOf = (run: Hivetap) => alertsOf(run).map(({ state }) => state)

describe('hivetap detect, of a run that goes on', () => {
  it('tells of a slow connect within seconds, though only quick ones follow and input never ends', async () => {
    const run = detect('--over', '100ms', '--window', '1s', '-o', 'json')
    run.child.stdin?.write(event(300))
    const quick = setInterval(() => run.child.stdin?.write(event(1)), 50)
    try {
      await run.until(({ lines }) => lines.length === 1, 'an alert', 15_000)
    } finally {
      clearInterval(quick)
    }
    expect(statesOf(run)).toEqual(['open'])
    expect(await run.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(run.stderr).toMatch(/\d+ lines: \d+ connects, .*1 alerts opened, 1 are open/)
  })

  it('resolves it in silence', async () => {
    writeFileSync(
      path('r'),
      'rules: [{ kind: over, over: 100ms, window: 1s, resolve_after: 2 }]\nlateness: 0s\n',
    )
    const run = detect('--rules', path('r'), '-o', 'json')
    run.child.stdin?.write(event(300))
    await run.until(({ lines }) => lines.length === 2, 'its end', 20_000)
    expect(statesOf(run)).toEqual(['open', 'resolved'])
  })

  it('takes no old events for live ones, however slowly they come', async () => {
    const run = detect('--over', '100ms', '--window', '1s', '-o', 'json')
    run.child.stdin?.write(event(300, { atMs: -86_400_000 }))
    await new Promise((resolve) => setTimeout(resolve, 5000))
    expect(run.lines).toEqual([])
    run.child.stdin?.end()
    await run.ended()
    expect(statesOf(run)).toEqual(['open'])
  })

  it('judges what it has when SIGINT ends it, though input never ends', async () => {
    const run = detect('--over', '100ms', '--window', '1h', '-o', 'json', '--exit-code')
    run.child.stdin?.write(event(300))
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const before = Date.now()
    expect(await run.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(Date.now() - before).toBeLessThan(5000)
    expect(statesOf(run)).toEqual(['open'])
  })

  it('is not pushed by a clock that is fast: a time that is yet to come is taken for now', async () => {
    const run = detect('--over', '100ms', '--window', '1s', '-o', 'json')
    run.child.stdin?.write(event(1, { atMs: 86_400_000 }))
    run.child.stdin?.write(event(200, { atMs: -86_400_000, port: 1 }).replace(/"time":"[^"]+",/, ''))
    run.child.stdin?.end(event(300))
    await run.ended()
    expect(run.stderr).toContain('1 connects were of times yet to come')
    expect(run.stderr).not.toContain('when their window was closed')
    expect(statesOf(run)).toEqual(['open', 'open'])
  })
})

describe('hivetap detect, called by a script', () => {
  it('ends with 0, 1 or 2 as grep does, and its alerts are as the schema says', async () => {
    writeFileSync(path('slow'), event(300))
    writeFileSync(path('quick'), event(1))
    const slow = detect('--over', '100ms', '--exit-code', '--file', path('slow'), '-o', 'json')
    const quick = detect('--over', '100ms', '--exit-code', '--file', path('quick'))
    const none = detect('--over', '100ms', '--exit-code', '--file', path('none'))
    expect((await slow.ended()).code).toBe(0)
    expect((await quick.ended()).code).toBe(1)
    expect((await none.ended()).code).toBe(2)
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')))
    expect(alertsOf(slow).map((alert) => [validate(alert), validate.errors])).toEqual([[true, null]])
  })

  it('says file, line, column and what was meant of a rule that is wrong', async () => {
    writeFileSync(
      path('r'),
      'rules:\n  - kind: over\n    ovr: 1s\n    over: 1s\n  - kind: over\n    over: 1s\n',
    )
    const run = detect('--rules', path('r'))
    expect((await run.ended()).code).toBe(1)
    expect(run.stderr).toContain(`${path('r')}:3:5: rules[0].ovr: there is no such key; did you mean over?`)
    expect(run.stderr).toContain(`${path('r')}:5:5: rules[1].name: is "over", as another rule is`)
  })

  it('goes on with what it remembers: an alert that is open is not opened again', async () => {
    writeFileSync(
      path('r'),
      'rules: [{ kind: over, over: 100ms, window: 1s, resolve_after: 2 }]\nlateness: 0s\n',
    )
    const args = ['--rules', path('r'), '--state', path('s'), '-o', 'json']
    writeFileSync(
      path('1'),
      event(300, { atMs: -9000 }) + event(300, { atMs: -8000 }) + event(1, { atMs: -7000 }),
    )
    writeFileSync(
      path('2'),
      event(300, { atMs: -6900 }) + event(1, { atMs: -3000 }) + event(1, { atMs: -2000 }),
    )
    const first = detect(...args, '--file', path('1'))
    await first.ended()
    const second = detect(...args, '--file', path('2'))
    await second.ended()
    expect([statesOf(first), statesOf(second)]).toEqual([['open'], ['resolved']])
    expect(alertsOf(second)[0]?.['alert_id']).toBe(alertsOf(first)[0]?.['alert_id'])
  })

  it('reads a table without its header by the columns that it is told', async () => {
    writeFileSync(path('t'), '21500  curl         4  10.0.2.15        93.184.216.34    80    247.80\n')
    const header = 'PID    COMM         IP SADDR            DADDR            DPORT LAT(ms)'
    const run = detect('--over', '100ms', '--header', header, '--file', path('t'), '-o', 'json')
    await run.ended()
    expect(alertsOf(run)).toMatchObject([{ key: { source: 'curl', destination: '93.184.216.34:80' } }])
  })

  it('does not begin with a state that is damaged, and says what to do', async () => {
    writeFileSync(path('s'), '{"line":"detec')
    const run = detect('--over', '1s', '--state', path('s'))
    expect((await run.ended()).code).toBe(1)
    expect(run.stderr).toContain(`Remove ${path('s')} to begin anew.`)
    expect(readFileSync(path('s'), 'utf8')).toBe('{"line":"detec')
  })
})

describeKernel('hivetap detect, of what tcpconnlat tells', () => {
  it.each([
    ['table', []],
    ['JSON', ['-o', 'json']],
  ])('finds a slow connect in its %s', async (_, format) => {
    const client = new Client()
    cleanups.push(() => client.stop())
    const { pid } = await client.who()
    const listener = await client.listen('127.0.0.1', { backlog: 16 })
    const tool = new Hivetap(['tcpconnlat', '-v', '--pid', String(pid), ...format])
    cleanups.push(() => tool.kill())
    // On loopback a microsecond is much: the rule is about the way there.
    const run = detect('--over', '1ms', '-o', 'json')
    tool.child.stdout?.on('data', (text: string) =>
      run.child.stdin?.write(text.replace(/\d+\.\d+$/m, '250.000')),
    )
    await tool.attached()
    await client.connect(listener)
    await tool.until(({ stdout }) => stdout.includes(`${listener.port}`), 'the connect')
    await tool.end()
    run.child.stdin?.end()
    await run.ended()
    expect(run.stderr).toMatch(/: 1 connects, \d+ of other things, 0 unreadable/)
  })
})
