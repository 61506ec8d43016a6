import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../packages/hivetap/src/kubectl/install/manifest.js'
import { runHelm } from '../../scripts/helm.mjs'
import { HIVETAP } from '../../test/support/hivetap.js'
import { manifests, wrongOf } from '../../test/support/kubernetes-api.js'

const CHART = 'deploy/helm/hivetap'
const folder = mkdtempSync(join(tmpdir(), 'hivetap-chart-'))

afterAll(() => rmSync(folder, { recursive: true }))

/** The chart with some values. */
async function rendered(values: object): Promise<KubeObject[]> {
  const file = join(folder, 'values.json')
  writeFileSync(file, JSON.stringify(values))
  return manifests(await runHelm(['template', 'tap', CHART, '--namespace=here', '--values', file]))
}

interface Rendered {
  readonly data: Readonly<Record<string, string>>
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly volumes?: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[]
        readonly containers: readonly {
          readonly args: readonly string[]
          readonly livenessProbe?: unknown
          readonly volumeMounts?: readonly {
            readonly name: string
            readonly mountPath: string
            readonly readOnly?: boolean
          }[]
          readonly securityContext: {
            readonly capabilities: unknown
            readonly seccompProfile: unknown
          }
        }[]
      }
    }
  }
}

const of = (all: readonly KubeObject[], kind: string) =>
  all.find((manifest) => manifest.kind === kind) as (KubeObject & Rendered) | undefined
const container = (all: readonly KubeObject[]) => of(all, 'DaemonSet')?.spec.template.spec.containers[0]

const KAFKA = { kafka: { enabled: true, brokers: ['kafka.example:9092'] } }

it('has no fault that helm’s own check finds', async () => {
  await runHelm(['lint', '--strict', '--quiet', CHART])
})

describe('with everything on', () => {
  let all: KubeObject[]

  beforeAll(async () => {
    all = await rendered({
      kafka: {
        ...KAFKA.kafka,
        tls: { ca_file: '/etc/hivetap/secrets/kafka.tls/ca.crt' },
        sasl: {
          mechanism: 'scram-sha-512',
          username: 'tap',
          password_file: '/etc/hivetap/secrets/kafka.tls/password',
        },
      },
      tools: [{ name: 'tcpconnlat', options: { min_ms: 10, failed: true } }, 'execsnoop'],
      output: 'json',
      secrets: ['kafka.tls'],
      config: { spool: { max_bytes: '512MiB' }, log: { level: 'warn' } },
      spool: { kind: 'hostPath' },
      pin: { enabled: true },
      tracefs: { enabled: true },
      hostPID: true,
      priorityClassName: 'system-node-critical',
      image: { digest: `sha256:${'0'.repeat(64)}`, pullSecrets: ['pull'] },
      networkPolicy: { egress: [{ ports: [{ port: 9092 }] }] },
      namespace: { create: true },
      podLabels: { team: 'net' },
      podAnnotations: { some: 'thing' },
    })
  })

  it('is what Kubernetes’ API takes, every field', () => {
    expect(all.flatMap(wrongOf)).toEqual([])
  })

  it('configures the agent as the agent takes it', () => {
    const file = join(folder, 'hivetap.yaml')
    writeFileSync(file, of(all, 'ConfigMap')?.data['hivetap.yaml'] ?? '')
    const said = execFileSync(process.execPath, [HIVETAP, 'agent', '--config', file, '--check'], {
      encoding: 'utf8',
    })
    expect(said).toContain('tool      tcpconnlat, failed true, minLatencyUs 10000\n')
    expect(said).toContain('sink      kafka\n')
    expect(said).toContain('sink      stdout\n')
    expect(said).toMatch(/The configuration is valid\.\n$/)
  })

  it('writes two paths of the host, which it says, and reads the third', () => {
    const { volumes = [] } = of(all, 'DaemonSet')?.spec.template.spec ?? {}
    const paths = new Map(volumes.flatMap(({ name, hostPath }) => (hostPath ? [[name, hostPath.path]] : [])))
    expect([...paths.values()]).toEqual(['/var/lib/hivetap', '/sys/fs/bpf', '/sys/kernel/tracing'])
    const written = container(all)?.volumeMounts?.filter(
      ({ name, readOnly }) => paths.has(name) && readOnly !== true,
    )
    expect(written?.map(({ mountPath }) => mountPath)).toEqual(['/var/lib/hivetap', '/sys/fs/bpf'])
  })

  it('is asked for its health', () => {
    expect(container(all)?.livenessProbe).toMatchObject({
      exec: { command: ['hivetap', 'health', '/run/hivetap/health.sock'] },
    })
  })
})

describe('what runs', () => {
  it.each([
    ['a table without a sink', {}, ['tcpconnlat']],
    ['a table with flags', { args: ['-x', '-w'] }, ['tcpconnlat', '-x', '-w']],
    ['several tools', { tools: ['tcpconnlat', 'execsnoop'] }, ['trace', 'tcpconnlat,execsnoop']],
    ['an agent with a sink', KAFKA, ['agent', '--config', '/etc/hivetap/hivetap.yaml']],
    ['an agent’s table', { ...KAFKA, output: 'table' }, ['agent', '--config', '/etc/hivetap/hivetap.yaml']],
    ['an agent’s lines', { output: 'json' }, ['agent', '--config', '/etc/hivetap/hivetap.yaml']],
  ])('is %s', async (_, values, args) => {
    const all = await rendered(values)
    expect(all.flatMap(wrongOf)).toEqual([])
    expect(container(all)?.args).toEqual(args)
    expect(of(all, 'ConfigMap') === undefined).toBe(args[0] !== 'agent')
  })

  it('prints the agent’s table beside its other sinks', async () => {
    const all = await rendered({ ...KAFKA, output: 'table' })
    expect(of(all, 'ConfigMap')?.data['hivetap.yaml']).toMatch(/- format: table\n +type: stdout/)
  })

  it('is another pod when the configuration is another, and the same when it is the same', async () => {
    const of1 = JSON.stringify(of(await rendered(KAFKA), 'DaemonSet'))
    expect(JSON.stringify(of(await rendered(KAFKA), 'DaemonSet'))).toBe(of1)
    const changed = { ...KAFKA, config: { log: { level: 'debug' } } }
    expect(JSON.stringify(of(await rendered(changed), 'DaemonSet'))).not.toBe(of1)
  })
})

describe('rights', () => {
  it.each([
    [{}, ['BPF', 'PERFMON']],
    [{ sysResource: true }, ['BPF', 'PERFMON', 'SYS_RESOURCE']],
    [{ sysAdmin: true, sysResource: true }, ['SYS_ADMIN', 'SYS_RESOURCE']],
  ])('with %j are %j', async (rights, add) => {
    const { securityContext } = container(await rendered({ rights })) ?? {}
    expect(securityContext?.capabilities).toEqual({ drop: ['ALL'], add })
  })

  it('are told to seccomp by a profile of the node, if wanted', async () => {
    const { securityContext } = container(await rendered({ seccomp: { type: 'Localhost' } })) ?? {}
    expect(securityContext?.seccompProfile).toEqual({ type: 'Localhost', localhostProfile: 'hivetap.json' })
  })
})

it.each([
  ['a misspelt value', { kafka: { topik: 'x' } }, "additional properties 'topik' not allowed"],
  [
    'a misspelt key of the agent',
    { config: { spool: { max_bites: 1 } } },
    "additional properties 'max_bites' not allowed",
  ],
  ['a tool that there is not', { tools: ['tcpconlat'] }, '/tools/0'],
  [
    'a directory of the spool, which the chart lays',
    { config: { spool: { dir: '/tmp' } } },
    "'dir' not allowed",
  ],
  ['Kafka without brokers', { kafka: { enabled: true } }, 'kafka.brokers is to be said'],
  ['no output and no sink', { output: 'none' }, 'takes a sink'],
  ['a table’s flags for an agent', { ...KAFKA, args: ['-x'] }, 'flags of a table'],
  ['options in a table', { tools: [{ name: 'tcpconnlat', options: { failed: true } }] }, 'flags in args'],
  ['pins whose spool goes with the pod', { ...KAFKA, pin: { enabled: true } }, 'takes spool.kind hostPath'],
])('refuses %s', async (_, values, message) => {
  await expect(rendered(values)).rejects.toThrow(message)
})
