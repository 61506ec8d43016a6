import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pickEndpointSlice } from './pick-endpoint-slice.js'
import { pickNode } from './pick-node.js'
import { pickPod } from './pick-pod.js'
import { pickService } from './pick-service.js'

const ID = 'a'.repeat(64)
const pod = {
  metadata: {
    namespace: 'shop',
    name: 'checkout-0',
    uid: '7bb5f3a0-0000-4000-8000-000000000001',
    creationTimestamp: '2026-11-28T12:00:00Z',
    labels: { app: 'checkout', 'example.com/tier': '' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'checkout', controller: true }],
  },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'app', image: 'registry.example/app:1' }],
    initContainers: [{ name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' }],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.7',
    podIPs: [{ ip: '10.0.0.7' }, { ip: 'FD00:0:0::7' }],
    containerStatuses: [
      {
        name: 'app',
        image: 'sha256:0123',
        containerID: `cri-o://${ID}`,
        state: { running: { startedAt: '2026-11-28T12:00:02Z' } },
        lastState: { terminated: { containerID: 'docker://before', finishedAt: '2026-11-28T12:00:01Z' } },
      },
    ],
    initContainerStatuses: [
      { name: 'proxy', image: 'proxy:1', containerID: 'containerd://side', state: { running: {} } },
    ],
    ephemeralContainerStatuses: [{ name: 'debug', image: 'sh', containerID: 'containerd://eph', state: {} }],
  },
}
const service = {
  metadata: { namespace: 'shop', name: 'web', uid: 'u' },
  spec: {
    type: 'LoadBalancer',
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1', 'fd00::1'],
    externalIPs: ['198.51.100.1'],
    selector: { app: 'web' },
    ports: [
      { name: 'http', port: 80, protocol: 'TCP', nodePort: 30_080 },
      { name: 'dns', port: 53, protocol: 'UDP' },
      { port: 8080 },
    ],
  },
  status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }, { hostname: 'lb.example' }] } },
}
const slice = {
  metadata: { namespace: 'shop', name: 'web-x', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [
    { name: 'http', port: 8080, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
    { name: 'any', port: null },
  ],
  endpoints: [
    {
      addresses: ['10.0.0.7'],
      nodeName: 'n1',
      targetRef: { kind: 'Pod', namespace: 'shop', name: 'w-1', uid: 'u1' },
    },
    { addresses: ['10.0.0.8'], targetRef: { kind: 'Pod', namespace: 'bank', name: 'w-2', uid: 'u2' } },
    { addresses: ['198.51.100.7', '198.51.100.8'], conditions: { ready: false } },
    { addresses: ['db.example'] },
    { addresses: [] },
  ],
}
const node = {
  metadata: {
    name: 'n1',
    uid: 'un',
    managedFields: [{ time: '2026-11-28T12:00:00Z' }, { time: '2026-11-28T12:05:00Z' }],
  },
  status: {
    addresses: [
      { type: 'InternalIP', address: '192.0.2.1' },
      { type: 'ExternalIP', address: '198.51.100.9' },
      { type: 'Hostname', address: '192.0.2.99' },
      { type: 'InternalDNS', address: 'n1.example' },
    ],
  },
}

describe('what is kept of an object', () => {
  it('of a pod is what names it and its containers', () => {
    const picked = pickPod(pod)
    expect(picked).toMatchObject({
      namespace: 'shop',
      name: 'checkout-0',
      node: 'n1',
      workload: { kind: 'StatefulSet', name: 'checkout' },
      hostNetwork: false,
      isOver: false,
      addresses: ['10.0.0.7', 'fd00::7'],
      createdMs: Date.UTC(2026, 10, 28, 12),
      labelsCut: false,
    })
    expect(Object.fromEntries(picked?.labels ?? [])).toEqual({ app: 'checkout', 'example.com/tier': '' })
    expect(picked?.containers).toEqual([
      {
        name: 'app',
        kind: 'container',
        // The runtime has lost the name: then it is as it was asked for.
        image: 'registry.example/app:1',
        ids: [ID, 'before'],
        runsSinceMs: Date.UTC(2026, 10, 28, 12, 0, 2),
      },
      { name: 'proxy', kind: 'init', image: 'proxy:1', ids: ['side'] },
      { name: 'debug', kind: 'ephemeral', image: 'sh', ids: ['eph'] },
    ])
  })

  it('of a static pod has the UID that its cgroup has', () => {
    const hash = '0123456789abcdef0123456789abcdef'
    const annotations = { 'kubernetes.io/config.mirror': hash }
    const picked = pickPod({ ...pod, metadata: { ...pod.metadata, annotations } })
    expect(picked?.staticUid).toBe(hash)
    expect(picked?.workload).toEqual({ kind: 'Pod', name: 'checkout-0' })
  })

  it('of a Service are its addresses and its ports of TCP', () => {
    expect(pickService(service)).toMatchObject({
      clusterIPs: ['10.96.0.1', 'fd00::1'],
      sharedIPs: ['198.51.100.1', '203.0.113.9'],
      ports: [
        { name: 'http', port: 80, nodePort: 30_080 },
        { name: '', port: 8080 },
      ],
      selects: true,
      isNodeLocal: false,
    })
    const spec = { ...service.spec, internalTrafficPolicy: 'Local' }
    expect(pickService({ ...service, spec })?.isNodeLocal).toBe(true)
  })

  it('of a Service that is a name, and of a headless one, is no address', () => {
    const spec = { ...service.spec, type: 'ExternalName' }
    expect(pickService({ ...service, spec })).toMatchObject({ clusterIPs: [], sharedIPs: [], ports: [] })
    const headless = { clusterIP: 'None', clusterIPs: ['None'], selector: { app: 'web' } }
    expect(pickService({ metadata: service.metadata, spec: headless })).toMatchObject({
      clusterIPs: [],
      ports: [],
    })
  })

  it('of a slice are its backends, and pods of its own namespace alone', () => {
    expect(pickEndpointSlice(slice)).toEqual({
      namespace: 'shop',
      name: 'web-x',
      service: 'web',
      managed: false,
      ports: [{ port: 8080, name: 'http' }],
      endpoints: [
        { address: '10.0.0.7', isReady: true, node: 'n1', pod: { name: 'w-1', uid: 'u1' } },
        { address: '10.0.0.8', isReady: true },
        { address: '198.51.100.7', isReady: false },
      ],
    })
  })

  it('of a node are its addresses that are no names', () => {
    expect(pickNode(node)).toEqual({
      name: 'n1',
      uid: 'un',
      writtenMs: Date.UTC(2026, 10, 28, 12, 5),
      addresses: ['192.0.2.1', '198.51.100.9'],
    })
  })
})

const PICKS = [
  [pickPod, pod],
  [pickService, service],
  [pickEndpointSlice, slice],
  [pickNode, node],
] as const

/** The paths to everything in an object. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]))]
}

function withAt(value: unknown, [first, ...others]: readonly string[], put: unknown): unknown {
  if (first === undefined) return put
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) }
  const members = copy as Record<string, unknown>
  members[first] = withAt(members[first], others, put)
  return copy
}

describe('a pick', () => {
  it.each(PICKS)('%o takes an object in which anything is anything else', (pick, object) => {
    const paths = pathsOf(object)
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom(...paths),
            fc.oneof(fc.jsonValue(), fc.string(), fc.double(), fc.constant(undefined)),
          ),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        (changes) => {
          let odd: unknown = object
          for (const [path, value] of changes) {
            try {
              odd = withAt(odd, path, value)
            } catch {
              // What was put there before has no such place.
            }
          }
          const picked = pick(odd)
          if (picked === undefined) return
          expect(picked.name).toMatch(/^[a-z0-9][a-z0-9.-]*$/)
          // Nothing of it reaches a terminal or a metric as more than a name: JSON escapes what cannot be printed.
          const text = JSON.stringify(picked, (_, each) => (each instanceof Map ? [...each] : each))
          expect(text).toMatch(/^[\x20-\x7e]*$/)
          expect(text).not.toContain('\\u')
        },
      ),
      { numRuns: 500 },
    )
  })

  it('leaves out labels that none can be, and says so', () => {
    const labels = JSON.parse(`{"__proto__":"x","ok":"1","bad key":"1","long":"${'x'.repeat(64)}","n":1}`)
    const picked = pickPod({ ...pod, metadata: { ...pod.metadata, labels } })
    expect([...(picked?.labels ?? [])]).toEqual([['ok', '1']])
    expect(picked?.labelsCut).toBe(true)
  })

  it('keeps within its bounds', () => {
    const labels = Object.fromEntries(Array.from({ length: 100_000 }, (_, each) => [`l${each}`, 'v']))
    const containerStatuses = Array(100_000).fill(pod.status.containerStatuses[0])
    const huge = pickPod({
      ...pod,
      metadata: { ...pod.metadata, labels },
      status: { ...pod.status, containerStatuses, podIPs: Array(1000).fill({ ip: '10.0.0.7' }) },
    })
    expect(huge?.labels.size).toBe(256)
    expect(huge?.labelsCut).toBe(true)
    expect(huge?.containers.length).toBeLessThanOrEqual(3 * 256)
    expect(huge?.addresses).toEqual(['10.0.0.7'])
    const endpoints = Array(100_000).fill(slice.endpoints[0])
    expect(pickEndpointSlice({ ...slice, endpoints })?.endpoints.length).toBe(1000)
  })
})
