import {
  addressesOf,
  headOf,
  isTcp,
  listOf,
  membersOf,
  objectsOf,
  portOf,
  wordOf,
  writtenMs,
} from './fields.js'

/** A port of a Service, of TCP. */
export interface ServicePort {
  readonly port: number
  /** Empty where the Service's only port has no name. */
  readonly name: string
  readonly nodePort?: number
}

/** What is kept of a Service. */
export interface PickedService {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly createdMs?: number
  readonly writtenMs?: number
  /** Its own, which no other has: none of headless ones, and of those that are a name alone. */
  readonly clusterIPs: readonly string[]
  /** Of load balancers and from outside: several Services may share one, each with ports of its own. */
  readonly sharedIPs: readonly string[]
  readonly ports: readonly ServicePort[]
  /** Whether its backends are found by a selector. Without, they are written by somebody else. */
  readonly selects: boolean
  /** Whether connects from a node go to backends of the same node alone, and nowhere if it has none. */
  readonly isNodeLocal: boolean
}

/** Ports of a Service: some that span ranges have hundreds. */
const MOST_PORTS = 2048
const MOST_ADDRESSES = 256

/** @returns `undefined` if it is no Service that can be named */
export function pickService(object: unknown): PickedService | undefined {
  const head = headOf(object)
  if (head?.uid === undefined || head.namespace === '') return undefined
  const spec = membersOf(membersOf(object)['spec'])
  const balancer = membersOf(membersOf(membersOf(object)['status'])['loadBalancer'])
  // It answers DNS with another name, and nothing is sent to an address of its own, whatever is left in its fields.
  const isName = spec['type'] === 'ExternalName'
  const ingress = objectsOf(balancer['ingress'], MOST_ADDRESSES).map((each) => each['ip'])
  const external = listOf(spec['externalIPs'], MOST_ADDRESSES)
  const written = writtenMs(head.metadata)
  return {
    namespace: head.namespace,
    name: head.name,
    uid: head.uid,
    ...(head.createdMs === undefined ? {} : { createdMs: head.createdMs }),
    ...(written === undefined ? {} : { writtenMs: written }),
    clusterIPs: isName ? [] : addressesOf([...listOf(spec['clusterIPs'], 8), spec['clusterIP']]),
    sharedIPs: isName ? [] : addressesOf([...external, ...ingress]),
    ports: isName ? [] : portsOf(spec['ports']),
    isNodeLocal: spec['internalTrafficPolicy'] === 'Local',
    selects: Object.keys(membersOf(spec['selector'])).length > 0,
  }
}

function portsOf(value: unknown): readonly ServicePort[] {
  return objectsOf(value, MOST_PORTS).flatMap((each) => {
    const port = portOf(each['port'])
    if (port === undefined || !isTcp(each)) return []
    const nodePort = portOf(each['nodePort'])
    return [{ port, name: wordOf(each['name'], 63) ?? '', ...(nodePort === undefined ? {} : { nodePort }) }]
  })
}
