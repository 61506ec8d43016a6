import type { JsonObject } from '../../../stream/json-object.js'
import type { Workload } from '../../whose.js'
import { containersOf, type PickedContainer } from './containers.js'
import { addressesOf, headOf, membersOf, nameOf, objectsOf, uidOf, wordOf } from './fields.js'
import { labelsOf } from './labels.js'
import { workloadOf } from './workload.js'

/** What is kept of a pod. */
export interface PickedPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** What the kubelet calls a static pod, in cgroups too: the API's image of it has a UID of its own. */
  readonly staticUid?: string
  /** Empty while it is on none. */
  readonly node: string
  readonly labels: ReadonlyMap<string, string>
  /** There were more labels than are kept. */
  readonly labelsCut: boolean
  readonly workload: Workload
  readonly hostNetwork: boolean
  readonly containers: readonly PickedContainer[]
  /** Its addresses, as the kubelet last told them; also after it has given them back. */
  readonly addresses: readonly string[]
  readonly createdMs?: number
  /** All its containers are over, and none will be started: its addresses may be another's. */
  readonly isOver: boolean
}

const MIRROR = 'kubernetes.io/config.mirror'

/** @returns `undefined` if it is no pod that can be named */
export function pickPod(object: unknown): PickedPod | undefined {
  const head = headOf(object)
  if (head?.uid === undefined || head.namespace === '') return undefined
  const { metadata, createdMs } = head
  const spec = membersOf(membersOf(object)['spec'])
  const status = membersOf(membersOf(object)['status'])
  const annotations = membersOf(metadata['annotations'])
  const { labels, cut } = labelsOf(metadata['labels'])
  const mirror = wordOf(annotations[MIRROR])
  const staticUid = uidOf(mirror)
  const isStatic = mirror !== undefined
  const ownerReferences = metadata['ownerReferences']
  return {
    namespace: head.namespace,
    name: head.name,
    uid: head.uid,
    ...(staticUid === undefined ? {} : { staticUid }),
    node: nameOf(spec['nodeName']) ?? '',
    labels,
    labelsCut: cut,
    workload: workloadOf({ podName: head.name, isStatic, labels, createdMs, ownerReferences }),
    hostNetwork: spec['hostNetwork'] === true,
    containers: containersOf(spec, status),
    addresses: podAddresses(status),
    ...(createdMs === undefined ? {} : { createdMs }),
    isOver: status['phase'] === 'Succeeded' || status['phase'] === 'Failed',
  }
}

function podAddresses(status: JsonObject): readonly string[] {
  return addressesOf([...objectsOf(status['podIPs'], 8).map((each) => each['ip']), status['podIP']])
}
