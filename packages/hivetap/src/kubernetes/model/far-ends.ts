import type { FarEnd } from '../whose.js'
import { type AddressTenure, type BackendGroup, samePod } from './backends.js'
import { plainAddress } from './ip-address.js'
import type { Nodes } from './nodes.js'
import type { OnlyBackends } from './only-backends.js'
import type { Services } from './services.js'
import type { Gaps } from './time/gaps.js'
import { type Holding, heldAt, joined } from './time/tenure.js'
import type { TenureBook } from './time/tenure-book.js'

type NamedService = NonNullable<FarEnd['service']>

/** What can be said of an address and port at a time. */
export type FarEndAnswer =
  | { readonly kind: 'named'; readonly farEnd: FarEnd }
  /** Something of the cluster had it, or may have had it, and what cannot be told. */
  | { readonly kind: 'doubt' }
  /** Nothing that is known of the cluster had it. */
  | { readonly kind: 'unknown' }

const UNKNOWN = { kind: 'unknown' } as const
const NOBODY = { kind: 'nobody' } as const
/** Addresses that lead back to whoever asks, whatever an object claims; and all that begin with `127.`. */
const OWN_HOST = ['0.0.0.0', '::', '::1']

/** What far ends are found by. */
export interface FarEndParts {
  readonly nodes: Nodes
  readonly services: Services
  readonly addresses: TenureBook<AddressTenure>
  readonly only: OnlyBackends
  /** Of what times slices are not all known. */
  readonly sliceGaps: Gaps
}

/** Whose an address and port were. */
export class FarEnds {
  readonly #nodes: Nodes
  readonly #services: Services
  readonly #addresses: TenureBook<AddressTenure>
  readonly #only: OnlyBackends
  readonly #sliceGaps: Gaps

  constructor({ nodes, services, addresses, only, sliceGaps }: FarEndParts) {
    this.#nodes = nodes
    this.#services = services
    this.#addresses = addresses
    this.#only = only
    this.#sliceGaps = sliceGaps
  }

  /** @param text the address as events have it */
  at(text: string, port: number, timeMs: number): FarEndAnswer {
    // Events have IPv4 as it is looked up; what is no address is not found.
    const address = text.includes(':') ? plainAddress(text) : text
    if (address === undefined || address.startsWith('127.') || OWN_HOST.includes(address)) return UNKNOWN
    const node = this.#nodes.at(address, timeMs)
    const isNode = node.kind !== 'nobody'
    const asked = this.#askedFor(address, port, timeMs, node)
    // A node's port that is a Service's is no pod's.
    if (asked.kind !== 'nobody')
      return this.#ledTo(address, port, timeMs, asked) ?? answerOf(node, NOBODY, asked)
    const tenures = this.#trusted(address, timeMs)
    const pod = this.#podAt(address, port, timeMs, isNode, tenures)
    // Of a pod that cannot be told, nor can be for whom it worked.
    return answerOf(node, pod, pod.kind === 'doubt' ? pod : this.#serviceBehind(tenures, port, timeMs))
  }

  /** What a Service's own address leads to, the address does not tell; but the slices do where one backend alone is ready. */
  #ledTo(
    address: string,
    port: number,
    timeMs: number,
    asked: Holding<NamedService>,
  ): FarEndAnswer | undefined {
    const balanced = asked.kind === 'held' ? this.#services.balancedAt(address, port, timeMs) : undefined
    const backend = balanced === undefined ? undefined : this.#only.at(balanced, this.#sliceGaps, timeMs)
    if (backend === undefined) return undefined
    const node = this.#nodes.at(backend.address, timeMs)
    const tenures = this.#trusted(backend.address, timeMs)
    const pod = this.#podAt(backend.address, backend.port, timeMs, node.kind !== 'nobody', tenures)
    return answerOf(node, pod, asked)
  }

  #askedFor(address: string, port: number, timeMs: number, node: Holding<unknown>): Holding<NamedService> {
    const own = this.#services.atAddress(address, port, timeMs)
    if (own.kind !== 'nobody' || node.kind === 'nobody') return own
    const asked = this.#services.atNodePort(port, timeMs)
    // It is a Service's only if it is a node's.
    return node.kind === 'doubt' && asked.kind === 'held' ? node : asked
  }

  /** Without what nobody keeps up to date: when a Service loses its selector, the slices that were made from it stay. */
  #trusted(address: string, timeMs: number): readonly AddressTenure[] | undefined {
    const tenures = this.#addresses.of(address, timeMs)
    if (tenures?.every((each) => this.#isKept(each)) !== false) return tenures
    return tenures.filter((each) => this.#isKept(each))
  }

  #isKept({ group }: AddressTenure): boolean {
    if (group?.service === undefined || !group.managed || !this.#services.someAreWithoutSelector) return true
    return !this.#services.isWithoutSelector(`${group.namespace}/${group.service}`)
  }

  /**
   * A pod is told by its address. Pods in the host's network share the address of their node, and slices do not say which are:
   * where the address is a node's, or may be one, the port has to be the pod's too, and only one pod's.
   */
  #podAt(
    address: string,
    port: number,
    timeMs: number,
    isNode: boolean,
    tenures: readonly AddressTenure[] | undefined,
  ): Holding<AddressTenure> {
    if (tenures === undefined) return { kind: 'doubt' }
    const pods = podsOf(tenures)
    const isOwn = !isNode && pods.some((each) => this.#isPodsOwn(each, address))
    const admitted = isOwn ? pods : pods.filter(({ group }) => hasPort(group, port))
    return heldAt(joined(admitted, samePod), timeMs, samePod)
  }

  /** It has to be the only one, and that nobody knows of a time of which not all slices were told. */
  #serviceBehind(
    tenures: readonly AddressTenure[] | undefined,
    port: number,
    timeMs: number,
  ): Holding<NamedService> {
    const service = serviceBehind(tenures, port, timeMs)
    return service.kind === 'held' && this.#sliceGaps.has(timeMs) ? { kind: 'doubt' } : service
  }

  /** Whether an address is surely not that of the node that the pod is on. */
  #isPodsOwn({ group, node }: AddressTenure, address: string): boolean {
    return group === undefined || (node !== undefined && this.#nodes.isNotOf(node, address))
  }
}

/** Those that are pods. Those with a UID come first: one without is taken for the first that has its name. */
function podsOf(tenures: readonly AddressTenure[]): readonly AddressTenure[] {
  if (tenures.every(({ pod }) => pod?.uid !== undefined)) return tenures
  return [
    ...tenures.filter(({ pod }) => pod?.uid !== undefined),
    ...tenures.filter(({ pod }) => pod !== undefined && pod.uid === undefined),
  ]
}

/** The only Service for which somebody takes connects at a port. */
function serviceBehind(
  tenures: readonly AddressTenure[] | undefined,
  port: number,
  timeMs: number,
): Holding<NamedService> {
  const backends = tenures?.filter(({ group }) => group?.service !== undefined && hasPort(group, port))
  const holding = heldAt(backends, timeMs, sameService)
  const group = holding.kind === 'held' ? holding.tenure.group : undefined
  if (holding.kind !== 'held' || group?.service === undefined)
    return holding.kind === 'nobody' ? NOBODY : { kind: 'doubt' }
  const portName = group.ports.find((each) => each.port === port)?.name ?? ''
  const named = { namespace: group.namespace, name: group.service }
  return { kind: 'held', tenure: portName === '' ? named : { ...named, portName } }
}

function sameService({ group: one }: AddressTenure, { group: other }: AddressTenure): boolean {
  return one?.namespace === other?.namespace && one?.service === other?.service
}

function hasPort(group: BackendGroup | undefined, port: number): boolean {
  return group?.ports.some((each) => each.port === port) === true
}

function answerOf(
  node: Holding<{ readonly name: string }>,
  pod: Holding<AddressTenure>,
  service: Holding<NamedService>,
): FarEndAnswer {
  const namedPod = pod.kind === 'held' ? pod.tenure.pod : undefined
  if (node.kind === 'nobody' && pod.kind === 'nobody' && service.kind === 'nobody') return UNKNOWN
  if (node.kind !== 'held' && namedPod === undefined && service.kind !== 'held') return { kind: 'doubt' }
  return {
    kind: 'named',
    farEnd: {
      ...(service.kind === 'held' ? { service: service.tenure } : {}),
      ...(namedPod === undefined ? {} : { pod: namedPod }),
      ...(node.kind === 'held' ? { node: node.tenure.name } : {}),
    },
  }
}
