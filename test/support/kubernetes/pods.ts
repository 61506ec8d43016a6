import type { NewObject } from './collection.js'

/** A pod with nothing to it. */
export function smallPod(name: string, node = 'node-1', uid = `uid-${name}`): NewObject {
  return {
    metadata: { namespace: 'shop', name, uid, labels: { app: name.split('-')[0] ?? '' } },
    spec: { nodeName: node },
    status: { podIP: '10.0.0.1', phase: 'Running' },
  }
}

/** A pod as clusters have them: 8 to 20 kB of JSON, most of it of no use to us. */
export function realisticPod(index: number): NewObject {
  const name = `checkout-${(index % 97).toString(36)}-${(index * 2654435761).toString(16).slice(-10)}-${index}`
  const uid = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`
  const containers = ['app', 'proxy', 'agent'].slice(0, 1 + (index % 3)).map((container) => ({
    name: container,
    image: `registry.example/shop/${container}:v1.${index % 50}.0`,
    env: Array.from({ length: 30 }, (_, at) => ({ name: `SETTING_${at}`, value: `value-${at}-${index}` })),
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    volumeMounts: Array.from({ length: 6 }, (_, at) => ({ name: `volume-${at}`, mountPath: `/mnt/${at}` })),
    livenessProbe: { httpGet: { path: '/live', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }))
  const time = '2026-01-02T03:04:05Z'
  return {
    metadata: {
      namespace: `team-${index % 40}`,
      name,
      uid,
      labels: { app: 'checkout', 'pod-template-hash': String(index % 97), team: `team-${index % 40}` },
      generateName: 'checkout-',
      creationTimestamp: time,
      annotations: { 'example.com/config': `{"key":"\\"${'x'.repeat(1500)}"}` },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `checkout-${index % 97}`, uid, controller: true },
      ],
      managedFields: Array.from({ length: 3 }, (_, at) => ({
        manager: `manager-${at}`,
        operation: 'Update',
        time,
        fieldsV1: Object.fromEntries(
          Array.from({ length: 40 }, (_, field) => [`f:field${field}`, { 'f:value': {}, '.': {} }]),
        ),
      })),
    } as NewObject['metadata'],
    spec: { nodeName: `node-${index % 91}`, containers, serviceAccountName: 'default', tolerations: [] },
    status: {
      phase: 'Running',
      podIP: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      hostIP: '192.168.0.1',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: time,
        lastProbeTime: null,
      })),
      containerStatuses: containers.map((container) => ({
        name: container.name,
        image: container.image,
        imageID: `registry.example/shop@sha256:${'ab'.repeat(32)}`,
        containerID: `containerd://${index.toString(16).padStart(64, '0')}`,
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: time } },
      })),
    },
  }
}
