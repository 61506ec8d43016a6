import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentRun, untilHas } from '../../../../../test/support/agent-run.js'
import { Alertmanager } from '../../../../../test/support/alertmanager/alertmanager.js'
import { Client } from '../../../../../test/support/client.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { openPipe } from '../../../../../test/support/two-ends.js'

const WAIT_MS = 40_000

let directory: string
let client: Client
let alertmanager: Alertmanager
let cleanups: (() => unknown)[]

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-detect-'))
  client = new Client()
  alertmanager = new Alertmanager()
  cleanups = [() => rmSync(directory, { recursive: true }), () => client.stop(), () => alertmanager.close()]
  await alertmanager.start()
})
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited for ${what} in vain`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describeKernel('the sink detect of an agent, and a real Alertmanager', () => {
  it('tells it what opens and what is over, though nobody reads its standard output', async () => {
    const { pid } = await client.who()
    const rule = '{ kind: failures, window: 1s, min_bad: 1, min_connects: 0, resolve_after: 3 }'
    const alerts = `[{ type: stdout }, { type: alertmanager, urls: ["${alertmanager.url}"], resend: 1s }]`
    const path = (name: string) => join(directory, name)
    writeFileSync(
      path('hivetap.yaml'),
      `tools: [{ name: tcpconnlat, options: { failed: true } }]\nfilters: { pid: ${pid} }\nspool: { dir: ${path('spool')} }\nsinks:\n` +
        `  - { type: file, path: ${path('events')} }\n` +
        `  - { type: detect, rules: [${rule}], lateness: 500ms, alerts: ${alerts} }\n`,
    )
    const out = openPipe()
    out.closeFar()
    const agent = new AgentRun(['--config', path('hivetap.yaml')], out.near)
    cleanups.push(() => agent.kill())
    out.closeNear()
    await agent.recording()
    const fail = () => client.connect({ address: '127.0.0.1', port: 1 }).catch(() => undefined)
    await fail()
    await until(async () => (await alertmanager.alerts()).length > 0, 'an alert')
    const [alert] = await alertmanager.alerts()
    expect(alert).toMatchObject({
      labels: { alertname: 'HivetapFailingConnects', rule: 'failures', destination: '127.0.0.1:1' },
      status: { state: 'active' },
    })
    await until(async () => (await alertmanager.alerts()).length === 0, 'its end')
    await fail()
    await until(async () => (await alertmanager.alerts()).length > 0, 'another')
    await untilHas(path('events'), 'tcpconnlat', 2)
    expect(agent.log('alerts cannot be told')).toHaveLength(1)
    expect(await agent.end('SIGTERM')).toEqual({ code: 0, signal: null })
    // What only the sink knows of itself stands in the log at its end.
    const [told] = agent.log('alertmanager: what it told again')
    expect(told).toMatchObject({ open: 1, unkept: 0 })
  })
})
