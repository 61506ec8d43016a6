/**
 * kubectl hivetap, as it is installed, on a cluster that the test does not know. Its steps follow each other. What the plugin
 * tells is held against what kubectl and the pods say.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Hivetap } from '../support/hivetap.js'
import { AGENTS, agentObjects, BESIDE, CONNECTING, idlePod, PURPOSE, viewerObjects } from './plugin/agents.js'
import { namespaceName } from './story/objects.mjs'

const PLUGIN = fileURLToPath(new URL('../../packages/hivetap/bin/kubectl-hivetap.js', import.meta.url))
const image = process.env['HIVETAP_IMAGE'] ?? ''
const run = process.env['HIVETAP_CLUSTER_RUN'] ?? randomBytes(4).toString('hex')
const namespace = namespaceName(run, PURPOSE)
const USER = `hivetap-viewer-${run}`
const ORDERLY = { code: 0, signal: null }

const folder = mkdtempSync(join(tmpdir(), 'hivetap-plugin-'))
const manifest = join(folder, 'agents.json')
const runs: Hivetap[] = []

/** Runs kubectl itself. */
function kubectl(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('kubectl', args, { encoding: 'utf8', input })
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
  return stdout
}

function apply(objects: readonly object[]): void {
  kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
}

function plugin(...args: readonly string[]): Hivetap {
  const started = new Hivetap(args, { script: PLUGIN })
  runs.push(started)
  return started
}

/** The plugin, on the agents of this test alone. */
function fleet(...args: readonly string[]): Hivetap {
  return plugin(...args, AGENTS, `--agents-namespace=${namespace}`)
}

interface AgentPod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly nodeName: string }
}

function agents(): AgentPod[] {
  const pods = ['get', 'pods', '-n', namespace, '-l', AGENTS.slice('--agents-selector='.length), '-o', 'json']
  return (JSON.parse(kubectl(pods)) as { items: AgentPod[] }).items.filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  )
}

/** How many tools run beside agents. */
function beside(): number {
  return agents().reduce(
    (sum, { metadata }) =>
      sum + Number(kubectl(['exec', '-n', namespace, metadata.name, '--', 'node', '-e', BESIDE])),
    0,
  )
}

const nodes = () =>
  agents()
    .map(({ spec }) => spec.nodeName)
    .sort()

beforeAll(() => {
  if (image === '') throw new Error('There is no HIVETAP_IMAGE: the tests are run by npm run test:cluster.')
})

afterEach(async () => {
  for (const started of runs.splice(0)) await started.kill()
})

afterAll(() => {
  kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])
  rmSync(folder, { recursive: true })
})

function writeManifest(enforce: 'privileged' | 'restricted'): void {
  const objects = agentObjects(namespace, run, image, enforce)
  writeFileSync(manifest, objects.map((object) => JSON.stringify(object)).join('\n---\n'))
}

describe('install', () => {
  it('says that PodSecurity refuses the pods, and what it takes', async () => {
    writeManifest('restricted')
    const install = plugin('install', '--filename', manifest)
    expect(await install.ended(), install.stderr).toEqual({ code: 1, signal: null })
    expect(install.stderr).toContain(
      `PodSecurity of the namespace ${namespace} is "restricted", which refuses`,
    )
    expect(install.stderr).toContain(
      `kubectl label namespace ${namespace} --overwrite pod-security.kubernetes.io/enforce=privileged`,
    )
    expect(agents()).toEqual([])
  })

  it('puts an agent on every node, and says what becomes of each', async () => {
    writeManifest('privileged')
    const install = plugin('install', '--filename', manifest, '--wait')
    expect(await install.ended(), install.stderr).toEqual(ORDERLY)
    const all = kubectl(['get', 'nodes', '-o', 'name']).trim().split('\n')
    expect(nodes().map((node) => `node/${node}`)).toEqual(all.sort())
    for (const node of nodes()) expect(install.stderr).toContain(`hivetap: ${node}: ready after`)
  })
})

describe('what each node does', () => {
  it('is told by status', async () => {
    const status = fleet('status', '-o', 'json')
    expect(await status.ended(), status.stderr).toEqual(ORDERLY)
    const told = JSON.parse(status.stdout) as { node: string; state: string; tools: string[] }[]
    expect(told.map(({ node }) => node).sort()).toEqual(nodes())
    for (const { state, tools } of told)
      expect({ state, tools }).toEqual({ state: 'healthy', tools: [expect.stringMatching(/^tcpconnlat \(/)] })
  })

  it('is told by doctor, side by side', async () => {
    const doctor = fleet('doctor')
    await doctor.ended()
    expect(doctor.stdout).toMatch(/tcpconnlat +ok /)
    for (const node of nodes().slice(0, 3)) expect(doctor.stdout).toContain(node)
  })
})

describe('a tool on all nodes', () => {
  it('tells a pod’s connects, each once, with its node; Ctrl-C ends it there too, with an account that adds up', async () => {
    apply([idlePod(namespace, image)])
    kubectl(['wait', '-n', namespace, '--for=condition=Ready', 'pod/client', '--timeout=180s'])
    const where = kubectl([
      'get',
      'pod',
      '-n',
      namespace,
      'client',
      '-o',
      'jsonpath={.spec.nodeName} {.status.podIP}',
    ])
    const [node = '', address = ''] = where.split(' ')
    const tcpconnlat = fleet('tcpconnlat', '-v', '-o', 'json')
    const attached = () => tcpconnlat.stderr.match(/attached by/g)?.length === nodes().length
    await tcpconnlat.until(attached, 'every node', 60_000)
    expect(beside()).toBe(nodes().length)
    const said = kubectl(['exec', '-n', namespace, 'client', '--', 'node', '-e', CONNECTING, '50', address])
    const { port, localPorts } = JSON.parse(said) as { port: number; localPorts: number[] }
    const mine = () =>
      tcpconnlat.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((event) => event['node'] === node && event['destination_port'] === port)
    await tcpconnlat.until(() => mine().length >= 50, 'its connects', 30_000)
    expect(await tcpconnlat.end('SIGINT')).toEqual(ORDERLY)
    expect(mine().map((event) => event['source_port'])).toEqual(localPorts)
    expect(new Set(mine().map((event) => event['source_address']))).toEqual(new Set([address]))
    expect(beside()).toBe(0)
    const [, produced, told, filtered, underWay, lost] =
      /(\d+) connects: (\d+) told, (\d+) left out by filters, (\d+) under way, (\d+) lost/.exec(
        tcpconnlat.stderr,
      ) ?? []
    expect(Number(told)).toBe(tcpconnlat.lines.length)
    expect(Number(produced)).toBe(Number(told) + Number(filtered) + Number(underWay) + Number(lost))
    expect(tcpconnlat.stderr).not.toContain('without an account')
  })

  it('ends there, too, when the plugin is killed', async () => {
    const tcpconnlat = fleet('tcpconnlat', '-v')
    await tcpconnlat.until(
      ({ stderr }) => stderr.match(/attached by/g)?.length === nodes().length,
      'every node',
      60_000,
    )
    await tcpconnlat.end('SIGKILL')
    await expect.poll(beside, { timeout: 30_000 }).toBe(0)
  })

  it('goes on when an agent is replaced: it leaves, and another joins', async () => {
    const execsnoop = fleet('execsnoop', '-v')
    await execsnoop.until(
      ({ stderr }) => stderr.match(/attached by/g)?.length === nodes().length,
      'every node',
      60_000,
    )
    const [{ metadata, spec } = expect.fail('no agent')] = agents()
    kubectl(['delete', 'pod', '-n', namespace, metadata.name, '--wait=false'])
    const again = new RegExp(`${spec.nodeName}: joins[^]*${spec.nodeName}: attached by`)
    await execsnoop.until(({ stderr }) => again.test(stderr), 'the new one', 120_000)
    expect(execsnoop.stderr).toContain(`${spec.nodeName}: leaves: its agent is gone`)
    expect(await execsnoop.end('SIGINT')).toEqual(ORDERLY)
    expect(beside()).toBe(0)
  })

  it('of whoever may not is refused with the rule that is missing', async () => {
    const stranger = fleet('tcpconnlat', `--as=${USER}`)
    expect(await stranger.ended()).toEqual({ code: 1, signal: null })
    expect(stranger.stderr).toContain(`{apiGroups: [""], resources: ["pods"], verbs: ["list"]}`)
    apply(viewerObjects(namespace, USER))
    const viewer = fleet('tcpconnlat', `--as=${USER}`)
    expect(await viewer.ended()).toEqual({ code: 1, signal: null })
    expect(viewer.stderr).toMatch(/a Role in the namespace .* resources: \["pods\/exec"\], verbs: \["\w+"\]/)
  })
})

describe('uninstall', () => {
  it('takes away what was installed, keeps a namespace that others use, and says so', async () => {
    const first = plugin('uninstall', '--filename', manifest)
    expect(await first.ended(), first.stderr).toEqual(ORDERLY)
    expect(first.stderr).toMatch(/the namespace .* stays, for what else is in it: .*pod\/client/)
    expect(agents()).toEqual([])
    kubectl(['delete', '-n', namespace, 'pod/client', 'role/viewer', 'rolebinding/viewer'])
    const second = plugin('uninstall', '--filename', manifest)
    expect(await second.ended(), second.stderr).toEqual(ORDERLY)
    expect(kubectl(['get', 'namespace', namespace, '--ignore-not-found'])).toBe('')
  })
})
