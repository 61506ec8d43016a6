/**
 * What hivetap is for, on a cluster that the test does not know: installed on all nodes, a pod's slow connect in the table
 * that kubectl logs prints, and removed. Its steps follow each other: a step that fails leaves the next ones without ground.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClientPods } from './story/client-pods.js'
import { tableRows } from './story/events.js'
import { image, run, seconds } from './story/given.js'
import { installation } from './story/installed.js'
import { Kubectl } from './story/kubectl.mjs'
import { expectNothingLeft } from './story/nothing-left.js'
import { tell } from './story/report.mjs'
import { StoryNamespace, until } from './story/story-run.js'

const TABLE = { kind: 'table' } as const

describe('under Pod Security', () => {
  it('is let in by no namespace that is restricted, and the DaemonSet says why', async () => {
    const namespace = await StoryNamespace.create(run, 'restricted', 'restricted')
    const warning = await namespace.install(installation, image, TABLE)
    let message = ''
    await until('the DaemonSet to say why it has no pods', async () => {
      type Event = { reason: string; message: string; involvedObject: { kind: string } }
      const { items } = await namespace.kubectl.json<{ items: Event[] }>(['get', 'events'])
      const failed = items.find(
        ({ reason, involvedObject }) => reason === 'FailedCreate' && involvedObject.kind === 'DaemonSet',
      )
      message = failed?.message ?? ''
      return failed !== undefined
    })
    expect(message).toMatch(/violates PodSecurity "restricted/)
    expect(await namespace.podsOf(installation)).toEqual([])
    await namespace.uninstall(installation, image, TABLE)
    await namespace.close()
    tell({
      at: 1,
      step: 'in a namespace that enforces `restricted`',
      seen: `no pod; ${/violates PodSecurity/.test(warning) ? 'a warning to who applies it, and ' : ''}the DaemonSet’s event: ${/violates PodSecurity "[^"]*"/.exec(message)?.[0]}`,
      source: '`kubectl get events`, `get pods`',
    })
  })
})

describe('hivetap on this cluster', () => {
  let namespace: StoryNamespace
  let pods: ClientPods

  beforeAll(async () => {
    namespace = await StoryNamespace.create(run, 'story', 'privileged')
    pods = await ClientPods.start(namespace, image)
  })
  afterAll(() => namespace?.close())

  it('is up on every node', async () => {
    await namespace.install(installation, image, TABLE)
    await namespace.rolledOut(installation)
    const { items } = await new Kubectl().json<{ items: { metadata: { name: string } }[] }>(['get', 'nodes'])
    const nodes = items.map(({ metadata }) => metadata.name).sort()
    const agents = await namespace.podsOf(installation)
    expect(agents.map(({ spec }) => spec.nodeName).sort()).toEqual(nodes)
    await until('every agent to be attached', async () => {
      const logs = await Promise.all(agents.map(({ metadata }) => namespace.log(metadata.name, installation)))
      return logs.every((log) => installation.isAttached(log))
    })
    tell({
      at: 2,
      step: 'DaemonSet',
      seen: `${installation.name}: a pod, with BPF and PERFMON alone, on ${nodes.length} of ${nodes.length} nodes`,
      source: '`kubectl get nodes`',
    })
  })

  it('shows a pod’s slow connect in the table that kubectl logs prints', async () => {
    const slow = await pods.slow()
    const agent = await agentOf(pods.client.spec.nodeName)
    const isRow = (row: Readonly<Record<string, string>>) =>
      row['DADDR'] === pods.server.status.podIP &&
      row['LPORT'] === String(slow.localPort) &&
      // Before that it is shown as stuck, each time that a SYN was sent again.
      row['OUTCOME'] === 'connected'
    let found: Readonly<Record<string, string>> | undefined
    await until('the row of the slow connect', async () => {
      found = tableRows(await namespace.log(agent, installation)).find(isRow)
      return found !== undefined
    })
    expect(found).toMatchObject({
      NODE: pods.client.spec.nodeName,
      NAMESPACE: namespace.name,
      POD: pods.client.metadata.name,
      COMM: slow.comm,
      SADDR: pods.client.status.podIP,
      DPORT: String(pods.port),
      CAUSE: 'syn_loss',
      RETRANS: String(slow.retransmits),
    })
    const told = Number(found?.['LAT(ms)']) * 1000
    expect(told).toBeLessThanOrEqual(slow.latencyUs)
    // The first SYN that is sent again goes out after a second.
    expect(told).toBeGreaterThan(990_000)
    tell({
      at: 3,
      step: '`kubectl logs`',
      seen: `a connect of ${seconds(told)}, with its pod, its cause syn_loss, SYN sent again: ${slow.retransmits}`,
      source: `the client’s own clock (${seconds(slow.latencyUs)}), TCPSynRetrans of its namespace (${slow.retransmits}), \`kubectl get pod\``,
    })
  })

  it('shows a refused connect', async () => {
    const { error, comm } = await pods.refused()
    expect(error).toBe('ECONNREFUSED')
    const agent = await agentOf(pods.client.spec.nodeName)
    await until('the row of the refused connect', async () => {
      const rows = tableRows(await namespace.log(agent, installation))
      return rows.some(
        (row) =>
          row['DADDR'] === pods.server.status.podIP &&
          row['DPORT'] === '1' &&
          row['OUTCOME'] === 'refused' &&
          row['COMM'] === comm,
      )
    })
    tell({
      at: 4,
      step: 'a port where nobody listens',
      seen: 'refused',
      source: `the client’s error: ${error}`,
    })
  })

  it('is removed, and leaves nothing', async () => {
    await namespace.uninstall(installation, image, TABLE)
    await expectNothingLeft(namespace, installation, image)
  })

  async function agentOf(node: string): Promise<string> {
    const agents = await namespace.podsOf(installation)
    const agent = agents.find(({ spec }) => spec.nodeName === node)
    if (agent === undefined) throw new Error(`no agent is on ${node}`)
    return agent.metadata.name
  }
})
