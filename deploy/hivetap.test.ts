import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../packages/hivetap/src/kubectl/install/manifest.js'
import { manifests, wrongOf } from '../test/support/kubernetes-api.js'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')
const all = manifests(read('deploy/hivetap.yaml'))

/** The one object of a kind. */
function only<T>(kind: string): T & KubeObject {
  const [found, ...more] = all.filter((manifest) => manifest.kind === kind)
  expect(more).toEqual([])
  return found as T & KubeObject
}

interface PodSpec {
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly volumes?: readonly unknown[]
  readonly containers: readonly {
    readonly args: readonly string[]
    readonly image: string
    readonly env: readonly unknown[]
    readonly securityContext: unknown
  }[]
}

const pod = () =>
  only<{ readonly spec: { readonly template: { readonly spec: PodSpec } } }>('DaemonSet').spec.template.spec

// What checks a pod is made when it is first asked, which takes seconds where all processors are busy.
beforeAll(() => {
  wrongOf(only('DaemonSet'))
}, 60_000)

it('is what Kubernetes’ API takes, every field', () => {
  expect(all.flatMap(wrongOf)).toEqual([])
  expect(all.map(({ kind }) => kind).toSorted()).toEqual([
    'ClusterRole',
    'ClusterRoleBinding',
    'DaemonSet',
    'Namespace',
    'NetworkPolicy',
    'ServiceAccount',
  ])
})

it('is refused where a field is misspelt: the check itself checks', () => {
  const spoilt = structuredClone(only<{ spec: { template: { spec: Record<string, unknown> } } }>('DaemonSet'))
  spoilt.spec.template.spec['hostNetworks'] = true
  expect(wrongOf(spoilt)).toEqual([expect.stringContaining('hostNetworks')])
})

it('has two capabilities and nothing else of the host', () => {
  const [container, ...others] = pod().containers
  expect(others).toEqual([])
  expect(container?.securityContext).toEqual({
    runAsUser: 0,
    runAsGroup: 0,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['BPF', 'PERFMON'] },
    seccompProfile: { type: 'RuntimeDefault' },
  })
  expect([pod().hostNetwork, pod().hostPID, pod().volumes]).toEqual([undefined, undefined, undefined])
})

it('may read what names are made of, and no more', () => {
  const { rules } = only<{
    readonly rules: readonly { readonly verbs: unknown; readonly resources: string[] }[]
  }>('ClusterRole')
  expect(rules.flatMap(({ resources }) => resources)).toEqual(['pods', 'services', 'nodes', 'endpointslices'])
  for (const { verbs } of rules) expect(verbs).toEqual(['get', 'list', 'watch'])
})

it('lets its pods into its namespace', () => {
  const { metadata } = only('Namespace')
  expect(metadata.name).toBe('hivetap')
  expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' })
  for (const { kind, metadata: other } of all)
    if (!/^(Namespace|ClusterRole|ClusterRoleBinding)$/.test(kind)) expect(other.namespace).toBe('hivetap')
})

it('prints a table, from the image of this version', () => {
  const { version } = JSON.parse(read('packages/hivetap/package.json')) as { readonly version: string }
  expect(pod().containers[0]).toMatchObject({ args: ['tcpconnlat'], image: `localhost/hivetap:${version}` })
  expect(parse(read('deploy/helm/hivetap/Chart.yaml'))).toMatchObject({ version, appVersion: version })
})

it('is, at its least, eleven lines', () => {
  const text = read('examples/tcpconnlat-daemonset.yaml')
  const { version } = JSON.parse(read('packages/hivetap/package.json')) as { readonly version: string }
  expect(text.trimEnd().split('\n')).toHaveLength(11)
  expect(manifests(text).flatMap(wrongOf)).toEqual([])
  expect(text).toContain(`image: localhost/hivetap:${version},`)
})
