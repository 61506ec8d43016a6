import { describe, expect, it } from 'vitest'
import { execsnoop } from '../../probes/execsnoop/execsnoop.js'
import { tcpconnlat } from '../../probes/tcpconnlat/tcpconnlat.js'
import type { AgentConfig } from '../agent.js'
import { changedKeys } from './changed-keys.js'

const CONFIG: AgentConfig = {
  names: { kubernetes: 'off', node: 'n', labels: [] },
  node: 'a',
  tools: [{ tool: execsnoop, options: {} }],
  buffer: {},
  spool: { maxBytes: 1, maxAgeMs: 1, segmentBytes: 1, policy: 'block', fsync: 'never' },
  sinks: [{ name: 'k', type: 'kafka', settings: { topic: 't' } }],
  queue: { batchRecords: 1, batchBytes: 1, delayMs: 1, sinkBytes: 1 },
  accountIntervalMs: 1,
  shutdownTimeoutMs: 1,
  log: { level: 'info', format: 'auto' },
  health: {},
}

describe('what is changed', () => {
  it('is nothing where nothing is', () => {
    expect(changedKeys(CONFIG, { ...CONFIG, sinks: [...CONFIG.sinks] })).toEqual([])
  })

  it('is told by path, lists by the names in them, and never by a value', () => {
    const after: AgentConfig = {
      ...CONFIG,
      node: 'b',
      tools: [
        { tool: execsnoop, options: { fails: true } },
        { tool: tcpconnlat, options: {} },
      ],
      spool: { ...CONFIG.spool, dir: '/s', maxBytes: 2 },
      sinks: [{ name: 'k', type: 'kafka', settings: { topic: 'u' } }],
      pin: { directory: '/p' },
    }
    expect([...changedKeys(CONFIG, after)].sort()).toEqual([
      'node',
      'pin',
      'sinks.k',
      'spool.dir',
      'spool.maxBytes',
      'tools.execsnoop',
      'tools.tcpconnlat',
    ])
    expect(changedKeys(CONFIG, { ...CONFIG, sinks: [] })).toEqual(['sinks.k'])
  })
})
