import type { SourceIdentity } from '../../packages/hivetap/src/kubernetes/event-identity.js'

/** A container of a pod whose names are known. */
export const POD_SOURCE = {
  owner: {
    kind: 'container',
    containerId: 'c'.repeat(64),
    runtime: 'containerd',
    podUid: '011fdc60-6b49-4af7-9b06-73b1566a4f76',
  },
  pod: {
    namespace: 'shop',
    name: 'checkout-1',
    uid: '011fdc60-6b49-4af7-9b06-73b1566a4f76',
    node: 'n1',
    labels: { app: 'checkout' },
    workload: { kind: 'Deployment', name: 'checkout' },
    container: { name: 'app', image: 'shop/checkout:1' },
  },
} as const satisfies SourceIdentity
