import type { NewObject } from '../../test/support/kubernetes/collection.js'
import { realisticPod } from '../../test/support/kubernetes/pods.js'

/** A pod of the cluster, and the Service that it works for. */
export interface BenchPod {
  readonly index: number
  readonly name: string
  readonly uid: string
  readonly node: string
  readonly address: string
  readonly service: number
}

const TIME = '2026-01-02T03:04:05Z'
const PORT = 8080

export const serviceName = (service: number): string => `service-${service}`
export const namespaceOf = (service: number): string => `team-${service % 40}`

/** Who wrote which fields: a third of what an object is. */
const managedFields = (fields: number) =>
  ['kubelet', 'controller'].map((manager) => ({
    manager,
    operation: 'Update',
    time: TIME,
    fieldsType: 'FieldsV1',
    fieldsV1: Object.fromEntries(
      Array.from({ length: fields }, (_, at) => [`f:field${at}`, { 'f:value': {}, '.': {} }]),
    ),
  }))

/** 9 to 14 kB of JSON. */
export function podObject({ index, name, uid, node, address, service }: BenchPod): NewObject {
  const { metadata, spec, status, ...rest } = realisticPod(index)
  return {
    ...rest,
    metadata: { ...metadata, namespace: namespaceOf(service), name, uid },
    spec: { ...(spec as object), nodeName: node },
    status: { ...(status as object), podIP: address, podIPs: [{ ip: address }] },
  }
}

/** 12 kB: most of it are the images that it has. @param beat how often its kubelet has told that it is well */
export function nodeObject(index: number, beat = 0): NewObject {
  const name = nodeName(index)
  return {
    metadata: {
      name,
      uid: `node-uid-${index}`,
      labels: Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`example.com/label-${at}`, name])),
      creationTimestamp: TIME,
      managedFields: managedFields(20),
    } as NewObject['metadata'],
    spec: { podCIDR: `10.244.${index % 256}.0/24`, providerID: `cloud:///zone/${name}` },
    status: {
      addresses: [
        { type: 'InternalIP', address: nodeAddress(index) },
        { type: 'Hostname', address: name },
      ],
      conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        lastHeartbeatTime: `${TIME} ${beat}`,
        reason: 'KubeletHasWhatItTakes',
        message: 'the kubelet has what it takes',
      })),
      images: Array.from({ length: 50 }, (_, at) => ({
        names: [
          `registry.example/shop/image-${at}@sha256:${'ab'.repeat(32)}`,
          `registry.example/shop/image-${at}:v1.${index % 7}`,
        ],
        sizeBytes: 12_345_678 + at,
      })),
    },
  }
}

/** As long as clouds have them. */
export const nodeName = (index: number): string => `node-${index}.pool-a.region-1.example`

export const nodeAddress = (index: number): string => `192.168.${index >> 8}.${index & 255}`

/** 2 kB. */
export function serviceObject(service: number): NewObject {
  const name = serviceName(service)
  const address = `10.96.${service >> 8}.${service & 255}`
  return {
    metadata: {
      namespace: namespaceOf(service),
      name,
      uid: `service-uid-${service}`,
      labels: { app: name },
      annotations: { 'example.com/config': 'x'.repeat(500) },
      creationTimestamp: TIME,
      managedFields: managedFields(8),
    } as NewObject['metadata'],
    spec: {
      type: 'ClusterIP',
      clusterIP: address,
      clusterIPs: [address],
      selector: { app: name },
      ports: [{ name: 'http', port: 80, targetPort: PORT, protocol: 'TCP' }],
    },
    status: { loadBalancer: {} },
  }
}

/** 370 bytes a backend. */
export function sliceObject(service: number, pods: Iterable<BenchPod>): NewObject {
  const name = serviceName(service)
  const namespace = namespaceOf(service)
  return {
    metadata: {
      namespace,
      name: `${name}-x7k2p`,
      uid: `slice-uid-${service}`,
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      creationTimestamp: TIME,
      managedFields: managedFields(10).map((each) => ({ ...each, time: new Date().toISOString() })),
    } as NewObject['metadata'],
    addressType: 'IPv4',
    ports: [{ name: 'http', port: PORT, protocol: 'TCP' }],
    endpoints: Array.from(pods, ({ address, node, name: pod, uid }) => ({
      addresses: [address],
      conditions: { ready: true, serving: true, terminating: false },
      hints: { forZones: [{ name: 'zone-a' }] },
      zone: 'zone-a',
      nodeName: node,
      targetRef: { kind: 'Pod', namespace, name: pod, uid },
    })),
  }
}
