import { describe, expect, it } from 'vitest'
import type { Agent } from '../agents/agent.js'
import type { Answer } from '../agents/ask-agents.js'
import { nodeStatus } from './node-status.js'
import { statusText } from './status-text.js'

const agent: Agent = {
  namespace: 'hivetap',
  pod: 'p',
  uid: 'u',
  node: 'one',
  container: 'hivetap',
  image: 'i',
  running: true,
  ready: true,
  restarts: 2,
  startedMs: 0,
  command: ['hivetap'],
  healthPath: '/run/h.sock',
}

function answer(ms: number, produced: number, more: object = {}): Answer {
  const tools = [
    { tool: 'tcpconnlat', attached: true, rung: 'tp_btf' },
    { tool: 'execsnoop', attached: false },
  ]
  const sinks = [{ name: 'kafka', lost: { too_large: 1 } }]
  const state = { epoch: 'e', tools, sinks, produced, dropped: { buffer_full: 3 } }
  const health = {
    degraded: true,
    reasons: ['execsnoop is not attached: no'],
    monotonic_ms: ms,
    state,
    ...more,
  }
  return { agent, json: { version: '0.1.0', healthy: true, text: 'x', health } }
}

describe('the status of nodes', () => {
  it('is a row a node, and below what there is to say', () => {
    const silent: Answer = {
      agent: { ...agent, node: 'two', running: false },
      reason: 'gone \u001b[2J',
    }
    const rows = [nodeStatus(answer(1000, 10), answer(3000, 30)), nodeStatus(silent, silent)]
    expect(statusText(rows, 3 * 3_600_000)).toBe(
      [
        'NODE  STATE        TOOLS                EVENTS/S  LOST  VERSION  RESTARTS  AGE',
        'one   degraded     tcpconnlat (tp_btf)      10.0     4  0.1.0           2   3h',
        'two   not running  -                           -     -  -               2   3h',
        '',
        'one: execsnoop is not attached: no',
        'one: 3 lost: buffer_full',
        'one: 1 lost: kafka: too_large',
        'two: gone ?[2J',
        '',
      ].join('\n'),
    )
  })

  it('has no rate where the agent is another one, or told nothing new', () => {
    const other = answer(3000, 30, { state: { epoch: 'f', produced: 5 } })
    expect(nodeStatus(answer(1000, 10), other).perSecond).toBeUndefined()
    expect(nodeStatus(answer(1000, 10), answer(1000, 10)).perSecond).toBeUndefined()
  })

  it('of a pod that runs a tool is what Kubernetes says', () => {
    const { healthPath: _, ...table } = { ...agent, runs: 'tcpconnlat', version: '0.1.0' }
    const row = nodeStatus({ agent: table }, { agent: table })
    expect(row).toMatchObject({ state: 'running', tools: ['tcpconnlat'], version: '0.1.0' })
  })

  it('takes whatever an agent answers', () => {
    for (const json of [
      {},
      { health: 7 },
      { health: { state: [], reasons: 'x' } },
      { health: { state: { tools: [null] } } },
    ])
      expect(nodeStatus({ agent, json }, { agent, json }).state).toBe('not healthy')
  })
})
