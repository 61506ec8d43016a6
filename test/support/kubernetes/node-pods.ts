import type { NodePod } from '../../../packages/hivetap/src/kubernetes/model/node-pod.js'

/** An id of a container, of one digit. */
export const containerId = (letter: string) => letter.repeat(64)

/** A pod of the namespace shop, labelled `app=a`, whose name is its UID. */
export const nodePod = (uid: string, fields: Partial<NodePod> = {}): NodePod => ({
  namespace: 'shop',
  name: uid,
  uid,
  cgroupUids: [uid],
  node: 'n1',
  labels: new Map([['app', 'a']]),
  labelsCut: false,
  workload: { kind: 'Pod', name: uid },
  isOver: false,
  containers: [],
  ...fields,
})

/** Containers of a pod, by name and the letter of their id. */
export const podContainers = (...names: readonly [name: string, letter: string][]): NodePod['containers'] =>
  names.map(([name, letter]) => ({
    name,
    kind: 'container',
    runs: [{ id: containerId(letter), image: 'i' }],
  }))

export const ofPod = (podUid: string) => ({ kind: 'pod', podUid }) as const
export const ofContainer = (podUid: string, letter: string) =>
  ({ kind: 'container', podUid, containerId: containerId(letter) }) as const
