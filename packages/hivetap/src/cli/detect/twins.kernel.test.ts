import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentRun, eventsIn, recordsIn } from '../../../../../test/support/agent-run.js'
import { Client, type EndPoint } from '../../../../../test/support/client.js'
import { Hivetap } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'

/** Nobody listens there: a connect is refused. */
const NOBODY = { address: '127.0.0.1', port: 1 }
const ANSWERED = 20
const REFUSED = 3
const RULE = '{ kind: failures, outcomes: [connected, refused], by: [host], window: 1d }'

let directory: string
let client: Client
let pid: number
let listener: EndPoint
let cleanups: (() => unknown)[]

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-twins-'))
  client = new Client()
  cleanups = [() => rmSync(directory, { recursive: true }), () => client.stop()]
  pid = (await client.who()).pid
  listener = await client.listen('127.0.0.1', { backlog: 64 })
  writeFileSync(path('rules'), `rules: [${RULE}]\n`)
})
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

const path = (name: string) => join(directory, name)

async function connect(): Promise<void> {
  for (let i = 0; i < ANSWERED; i++) await client.connect(listener)
  for (let i = 0; i < REFUSED; i++) await client.connect(NOBODY)
}

/** What is found in lines: how many connects, by how they ended, and what is said at the end. */
async function detected(lines: readonly string[]) {
  writeFileSync(path('lines'), lines.map((line) => `${line}\n`).join(''))
  const run = new Hivetap(['detect', '--rules', path('rules'), '-o', 'json', '--file', path('lines')])
  expect((await run.ended()).code).toBe(0)
  const outcomes: Record<string, number> = {}
  for (const line of run.lines) {
    // Of two days, where one ended meanwhile.
    const { outcomes: told } = JSON.parse(line) as { readonly outcomes: Readonly<Record<string, number>> }
    for (const [outcome, count] of Object.entries(told)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count
  }
  return { outcomes, said: run.stderr, alerts: run.stdout }
}

async function traced(...args: readonly string[]): Promise<readonly string[]> {
  const run = new Hivetap(['trace', 'tcpconnect,tcpconnlat', '-v', '-p', String(pid), ...args])
  cleanups.push(() => run.kill())
  await run.attached()
  await connect()
  // Failed ones tcpconnlat leaves out there.
  await run.until(({ lines }) => lines.length >= 2 * ANSWERED + REFUSED, 'all events')
  expect(await run.end()).toEqual({ code: 0, signal: null })
  return run.lines
}

describeKernel('connects that tcpconnect and tcpconnlat both tell', () => {
  it('count once of a trace, in whichever order they come', async () => {
    const lines = await traced('-o', 'json')
    expect(lines).toHaveLength(2 * ANSWERED + REFUSED)
    const all = { connected: ANSWERED, refused: REFUSED }
    const inOrder = await detected(lines)
    expect(inOrder.outcomes).toEqual(all)
    expect(inOrder.said).toContain(
      `${ANSWERED} connects were told by another tool of the same run too: each counts once`,
    )
    const ofTool = (tool: string) => lines.filter((line) => line.includes(`"tool":"${tool}"`))
    const [plain, latency] = [ofTool('tcpconnect'), ofTool('tcpconnlat')]
    expect([plain.length, latency.length]).toEqual([ANSWERED + REFUSED, ANSWERED])
    for (const order of [[...plain, ...latency], [...latency, ...plain], [...lines].reverse()])
      expect((await detected(order)).alerts).toBe(inOrder.alerts)
    // What was told before any event said so counts twice, and that is said.
    const unsaid = await detected(lines.map((line) => line.replace(',"counted_by":"tcpconnlat"', '')))
    expect(unsaid.outcomes).toEqual({ connected: 2 * ANSWERED, refused: REFUSED })
    expect(unsaid.said).toContain('1 hosts tell connects by tcpconnect and by tcpconnlat')
  })

  it('count once of a trace’s table', async () => {
    const { said } = await detected(await traced())
    // Of a table it is not known how those ended that tcpconnect alone tells.
    expect(said).toContain(` ${ANSWERED} connects, `)
    expect(said).toContain(`${ANSWERED + REFUSED} connects were told by another tool of the same run too`)
  })

  it.each([
    ['each by itself', '', true],
    ['without failed ones', '', false],
    ['in summaries', 'summaries: { tools: [tcpconnlat, tcpconnect], every: 1h }\n', true],
    ['one of them in summaries', 'summaries: { tools: [tcpconnlat], every: 1h }\n', true],
  ])('count once of an agent, in itself and in its file: %s', async (_, summaries, failed) => {
    const latency = `{ name: tcpconnlat, options: { failed: ${failed} } }`
    writeFileSync(
      path('hivetap.yaml'),
      `tools: [tcpconnect, ${failed ? latency : 'tcpconnlat'}]\nfilters: { pid: ${pid} }\n${summaries}` +
        `spool: { dir: ${path('spool')} }\nsinks:\n  - { type: file, path: ${path('events')} }\n` +
        `  - { type: detect, rules: [${RULE}], lateness: 500ms, alerts: [{ type: stdout, format: json }], state_file: ${path('state')} }\n`,
    )
    const run = new AgentRun(['--config', path('hivetap.yaml')])
    cleanups.push(() => run.kill())
    await run.recording()
    await connect()
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null })
    const file = readFileSync(path('events'), 'utf8').trimEnd().split('\n')
    const { outcomes, said } = await detected(file)
    expect(outcomes).toEqual({ connected: ANSWERED, refused: REFUSED })
    expect(said).toContain(
      `${failed ? ANSWERED + REFUSED : ANSWERED} connects were told by another tool of the same run too`,
    )
    if (summaries === '') expect(eventsIn(path('events'), 'tcpconnect')).toHaveLength(ANSWERED + REFUSED)
    else expect(recordsIn(path('events')).some(({ record }) => record === 'summary')).toBe(true)
    // What the agent itself has counted stands in the windows that it goes on with.
    const slots = readFileSync(path('state'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"slot"'))
    const counted = slots.map((line) => (JSON.parse(line) as { readonly connects: number }).connects)
    expect(counted.reduce((sum, one) => sum + one, 0)).toBe(ANSWERED + REFUSED)
  })
})
