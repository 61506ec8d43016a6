import { describe, expect, it } from 'vitest'
import { agentsIn } from './agent.js'

const metadata = {
  name: 'hivetap-x',
  namespace: 'hivetap',
  uid: 'u',
  labels: { 'app.kubernetes.io/version': '1.2.3' },
}

function agentOf(spec: object, status: object, more: object = {}) {
  const list = { items: [{ metadata: { ...metadata, ...more }, spec: { nodeName: 'n', ...spec }, status }] }
  return agentsIn(JSON.stringify(list))
}

const running = {
  containerStatuses: [
    { name: 'hivetap', ready: true, state: { running: { startedAt: '2026-11-28T00:00:00Z' } } },
  ],
}

describe('an agent', () => {
  it('is called as its probes call it, and tells its health where they ask', () => {
    const probe = {
      exec: { command: ['/usr/bin/node', '/opt/hivetap.js', 'health', '-o', 'text', '/run/h.sock'] },
    }
    const containers = [
      { name: 'side' },
      { name: 'hivetap', image: 'i', args: ['agent'], readinessProbe: probe },
    ]
    expect(agentOf({ containers }, running)).toEqual([
      {
        namespace: 'hivetap',
        pod: 'hivetap-x',
        uid: 'u',
        node: 'n',
        container: 'hivetap',
        image: 'i',
        running: true,
        ready: true,
        restarts: 0,
        startedMs: Date.parse('2026-11-28T00:00:00Z'),
        command: ['/usr/bin/node', '/opt/hivetap.js'],
        healthPath: '/run/h.sock',
        runs: 'agent',
        version: '1.2.3',
      },
    ])
  })

  it('without probes is called by its name', () => {
    const [agent] = agentOf({ containers: [{ name: 'hivetap', image: 'i', args: ['tcpconnlat'] }] }, running)
    expect(agent).toMatchObject({ command: ['hivetap'], runs: 'tcpconnlat' })
    expect(agent?.healthPath).toBeUndefined()
  })

  it.each([
    {
      name: 'its image is not there',
      status: {
        containerStatuses: [
          { name: 'hivetap', state: { waiting: { reason: 'ImagePullBackOff', message: 'no' } } },
        ],
      },
      reason: 'ImagePullBackOff: no',
    },
    {
      name: 'it has ended',
      status: {
        containerStatuses: [
          { name: 'hivetap', state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } },
        ],
      },
      reason: 'OOMKilled, exit status 137',
    },
    {
      name: 'its node has no room',
      status: {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes are available',
          },
        ],
      },
      reason: 'Unschedulable: 0/1 nodes are available',
    },
  ])('that does not run, says why: $name', ({ status, reason }) => {
    expect(agentOf({ containers: [{ name: 'hivetap' }] }, status)).toMatchObject([{ running: false, reason }])
  })

  it('is for the node that its DaemonSet means it for, before it is there', () => {
    const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m'] }] }
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } }
    const spec = { nodeName: undefined, containers: [{ name: 'hivetap' }], affinity: { nodeAffinity } }
    expect(agentOf(spec, { phase: 'Pending' })).toMatchObject([{ node: 'm', running: false }])
  })

  it('is none that is on its way out, or has no container', () => {
    expect(agentOf({ containers: [{ name: 'hivetap' }] }, running, { deletionTimestamp: 'now' })).toEqual([])
    expect(agentOf({}, running)).toEqual([])
    expect(agentsIn('{}')).toEqual([])
  })
})
