import { PORTS, type TrueNode, type TruePod, type TrueService } from './truth.js'

/** Times as the API server writes them: cut to the second, by its own clock. */
export type ApiTime = (timeMs: number) => string

/** What the API tells of a pod; it may be behind what is so. */
export interface ApiPod extends TruePod {
  readonly createdMs: number
  isOver?: boolean
  /** Its probe fails. */
  isUnready?: boolean
}

function metadata(
  each: { readonly namespace?: string; readonly name: string; readonly uid: string },
  time: ApiTime,
  createdMs: number,
  writtenMs: number,
) {
  const { namespace, name, uid } = each
  return {
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid,
    creationTimestamp: time(createdMs),
    managedFields: [{ manager: 'someone', operation: 'Update', time: time(writtenMs) }],
  }
}

export function podObject(pod: ApiPod, time: ApiTime, kubeletTime: ApiTime, writtenMs: number): unknown {
  const { address, hostNetwork, node, app, runsSinceMs, endedMs, isOver } = pod
  const state =
    endedMs !== undefined
      ? { terminated: { startedAt: kubeletTime(runsSinceMs ?? 0), finishedAt: kubeletTime(endedMs) } }
      : runsSinceMs === undefined
        ? { waiting: { reason: 'ContainerCreating' } }
        : { running: { startedAt: kubeletTime(runsSinceMs) } }
  return {
    metadata: { ...metadata(pod, time, pod.createdMs, writtenMs), labels: { app } },
    spec: {
      nodeName: node,
      ...(hostNetwork ? { hostNetwork } : {}),
      containers: [{ name: 'main', image: 'm:1' }],
    },
    status: {
      phase: isOver ? 'Succeeded' : address === undefined ? 'Pending' : 'Running',
      ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address }] }),
      containerStatuses: [{ name: 'main', image: 'm:1', containerID: `containerd://c-${pod.uid}`, state }],
    },
  }
}

export function nodeObject(node: TrueNode, time: ApiTime, createdMs: number, writtenMs: number): unknown {
  return {
    metadata: metadata(node, time, createdMs, writtenMs),
    status: {
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'Hostname', address: node.name },
      ],
    },
  }
}

export function serviceObject(
  service: TrueService,
  time: ApiTime,
  createdMs: number,
  writtenMs: number,
): unknown {
  const { address, shared, port, portName, nodePort, app } = service
  return {
    metadata: metadata(service, time, createdMs, writtenMs),
    spec: {
      type: shared === undefined ? 'ClusterIP' : 'LoadBalancer',
      clusterIP: address ?? 'None',
      clusterIPs: [address ?? 'None'],
      selector: { app },
      ports: [
        { name: portName, port, protocol: 'TCP', ...(nodePort === undefined ? {} : { nodePort }) },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    },
    status: { loadBalancer: shared === undefined ? {} : { ingress: [{ ip: shared }] } },
  }
}

export function sliceObject(
  service: TrueService,
  index: number,
  pods: readonly ApiPod[],
  time: ApiTime,
  writtenMs: number,
): unknown {
  const { namespace, name, uid, app, portName } = service
  return {
    metadata: {
      ...metadata(
        { namespace, name: `${name}-${uid}-${index}`, uid: `${uid}-${index}` },
        time,
        writtenMs,
        writtenMs,
      ),
      labels: {
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: 'IPv4',
    ports: [{ name: portName, port: PORTS[app], protocol: 'TCP' }],
    endpoints: pods.map((pod) => ({
      addresses: [pod.address],
      conditions: { ready: pod.isUnready !== true, serving: true, terminating: false },
      nodeName: pod.node,
      targetRef: { kind: 'Pod', namespace: pod.namespace, name: pod.name, uid: pod.uid },
    })),
  }
}
