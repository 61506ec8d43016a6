import type { JsonObject } from '../../../stream/json-object.js'
import { plainAddress } from '../ip-address.js'
import {
  headOf,
  isTcp,
  listOf,
  membersOf,
  nameOf,
  objectsOf,
  portOf,
  uidOf,
  wordOf,
  writtenMs,
} from './fields.js'

/** A backend: an address that takes a Service's connects. */
export interface PickedEndpoint {
  readonly address: string
  /** Whether connects are sent to it: where nothing is said, they are. */
  readonly isReady: boolean
  /** Absent where it is no pod, as of a database outside of the cluster. */
  readonly pod?: { readonly name: string; readonly uid?: string }
  readonly node?: string
}

/** A port of all backends of a slice, of TCP. */
export interface SlicePort {
  readonly port: number
  /** Of the Service's port, empty where that has none. */
  readonly name: string
}

/** What is kept of a part of a Service's backends. */
export interface PickedSlice {
  readonly namespace: string
  readonly name: string
  /** The Service, in the same namespace. Absent where it is of none. */
  readonly service?: string
  /** Whether Kubernetes itself keeps it up to date, from the Service's selector. */
  readonly managed: boolean
  readonly createdMs?: number
  readonly writtenMs?: number
  readonly ports: readonly SlicePort[]
  readonly endpoints: readonly PickedEndpoint[]
}

/** The API's own bounds. */
const MOST_ENDPOINTS = 1000
const MOST_PORTS = 100
const NONE: readonly never[] = []

/** @returns `undefined` if it is no slice */
export function pickEndpointSlice(object: unknown): PickedSlice | undefined {
  const head = headOf(object)
  if (head === undefined || head.namespace === '') return undefined
  const { metadata, namespace, createdMs } = head
  const members = membersOf(object)
  const labels = membersOf(metadata['labels'])
  const service = nameOf(labels['kubernetes.io/service-name'])
  const written = writtenMs(metadata)
  // Of FQDN the addresses are names, which plainAddress() does not take.
  const endpoints = objectsOf(members['endpoints'], MOST_ENDPOINTS).flatMap((each) =>
    pickEndpoint(each, namespace),
  )
  return {
    namespace,
    name: head.name,
    ...(service === undefined ? {} : { service }),
    managed: labels['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io',
    ...(createdMs === undefined ? {} : { createdMs }),
    ...(written === undefined ? {} : { writtenMs: written }),
    ports: objectsOf(members['ports'], MOST_PORTS).flatMap((each) => {
      const port = portOf(each['port'])
      return port === undefined || !isTcp(each) ? [] : [{ port, name: wordOf(each['name'], 63) ?? '' }]
    }),
    endpoints,
  }
}

/** Which slice it is, without what it tells: whoever was told it has that. */
export function restOfSlice({ namespace, name }: PickedSlice): PickedSlice {
  return { namespace, name, managed: false, ports: NONE, endpoints: NONE }
}

function pickEndpoint(endpoint: JsonObject, namespace: string): readonly PickedEndpoint[] {
  // The API gives no meaning to addresses after the first.
  const [first] = listOf(endpoint['addresses'], 1)
  const address = typeof first === 'string' ? plainAddress(first) : undefined
  if (address === undefined) return []
  const node = nameOf(endpoint['nodeName'])
  const pod = podOf(endpoint['targetRef'], namespace)
  const isReady = membersOf(endpoint['conditions'])['ready'] !== false
  return [
    { address, isReady, ...(pod === undefined ? {} : { pod }), ...(node === undefined ? {} : { node }) },
  ]
}

/** Whoever may write slices in one namespace does not name pods of another. */
function podOf(reference: unknown, namespace: string): PickedEndpoint['pod'] {
  const target = membersOf(reference)
  const name = nameOf(target['name'])
  if (target['kind'] !== 'Pod' || name === undefined) return undefined
  if (target['namespace'] !== undefined && target['namespace'] !== namespace) return undefined
  const uid = uidOf(target['uid'])
  return { name, ...(uid === undefined ? {} : { uid }) }
}
