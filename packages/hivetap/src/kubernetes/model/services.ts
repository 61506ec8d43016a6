import type { FarEnd } from '../whose.js'
import { Listing } from './listing.js'
import { type AskedPort, versionOf } from './only-backends.js'
import type { PickedService, ServicePort } from './pick/pick-service.js'
import { type Beginning, beginning } from './time/beginning.js'
import { type Claim, Claims, endedBy } from './time/claims.js'
import { type Holding, heldAt } from './time/tenure.js'
import { type BookBounds, TenureBook } from './time/tenure-book.js'
import { Term } from './time/term.js'
import type { Heard } from './time/watch-clock.js'

class ServiceTenure extends Term {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Its ports there; absent of the address itself, which is the Service's alone, whatever the port. */
  readonly ports: ServicePorts | undefined
  readonly isNodeLocal: boolean

  constructor(begun: Beginning, { namespace, name, uid, isNodeLocal }: PickedService, ports?: ServicePorts) {
    super(begun)
    this.namespace = namespace
    this.name = name
    this.uid = uid
    this.ports = ports
    this.isNodeLocal = isNodeLocal
  }
}

interface ServicePorts {
  readonly all: readonly ServicePort[]
  /** Tells it from others. */
  readonly id: string
}

type NamedService = NonNullable<FarEnd['service']>

const MOST = 50_000

/** Services by their own addresses, and by what ports of nodes are theirs. */
export class Services {
  readonly listing: Listing<PickedService>
  /** By address, and by `:port` of nodes. */
  readonly book: TenureBook<ServiceTenure>
  readonly #claims: Claims<ServiceTenure>
  readonly #withoutSelector = new Set<string>()

  constructor(bounds: BookBounds, now: () => number) {
    this.book = new TenureBook(bounds)
    this.#claims = new Claims(
      this.book,
      ({ uid, isNodeLocal, ports }) => `${uid} ${isNodeLocal} ${ports?.id}`,
    )
    this.listing = new Listing(
      {
        keyOf: ({ namespace, name }) => `${namespace}/${name}`,
        put: (service, heard) => this.#put(service, heard),
        remove: (key, heard) => this.#remove(key, heard),
      },
      MOST,
      now,
    )
  }

  /** Whose address and port it was. */
  atAddress(address: string, port: number, timeMs: number): Holding<NamedService> {
    const tenures = this.book.of(address, timeMs)
    if (tenures?.length === 0) return { kind: 'nobody' }
    const own = heldAt(
      tenures?.filter(({ ports }) => ports === undefined),
      timeMs,
      sameService,
    )
    if (own.kind === 'doubt') return own
    const found = portOf(tenures, timeMs, (each) => each.port === port)
    if (own.kind === 'nobody')
      return found.kind === 'held' ? named(found.tenure, found.tenure.portName) : found
    // An address may be one Service's, and in another's list of those outside: then the port does not tell.
    const isIts = found.kind === 'held' && found.tenure.uid === own.tenure.uid
    return named(own.tenure, isIts ? found.tenure.portName : '')
  }

  /** Of an address that was a Service's own: what was asked for, if that can be said and proxies send it to any backend. */
  balancedAt(address: string, port: number, timeMs: number): AskedPort | undefined {
    const tenures = this.book.of(address, timeMs)
    const own = heldAt(
      tenures?.filter(({ ports }) => ports === undefined),
      timeMs,
      sameService,
    )
    const found = portOf(tenures, timeMs, (each) => each.port === port)
    if (own.kind !== 'held' || found.kind !== 'held' || own.tenure.uid !== found.tenure.uid) return undefined
    const { namespace, name, portName, isNodeLocal } = found.tenure
    if (isNodeLocal) return undefined
    const selects = !this.isWithoutSelector(`${namespace}/${name}`)
    return { namespace, name, portName, ipVersion: versionOf(address), selects }
  }

  /** Whose port of every node it was. */
  atNodePort(port: number, timeMs: number): Holding<NamedService> {
    const found = portOf(this.book.of(`:${port}`, timeMs), timeMs, (each) => each.nodePort === port)
    return found.kind === 'held' ? named(found.tenure, found.tenure.portName) : found
  }

  get someAreWithoutSelector(): boolean {
    return this.#withoutSelector.size > 0
  }

  /** Whether its backends are not found by a selector, but written by somebody. */
  isWithoutSelector(key: string): boolean {
    return this.#withoutSelector.has(key)
  }

  #put(service: PickedService, heard: Heard): void {
    const key = `${service.namespace}/${service.name}`
    this.#claims.put(key, claimsOf(service, heard), endedBy(heard))
    if (service.selects) this.#withoutSelector.delete(key)
    else this.#withoutSelector.add(key)
  }

  #remove(key: string, heard: Heard): void {
    this.#claims.put(key, [], endedBy(heard))
    this.#withoutSelector.delete(key)
  }
}

/** Who held a port of an address. */
function portOf(
  tenures: readonly ServiceTenure[] | undefined,
  timeMs: number,
  isIt: (port: ServicePort) => boolean,
): Holding<
  Pick<ServiceTenure, 'namespace' | 'name' | 'uid' | 'isNodeLocal'> & { readonly portName: string }
> {
  const admitted = tenures?.filter(({ ports }) => ports?.all.some(isIt) === true)
  const holding = heldAt(admitted, timeMs, sameService)
  if (holding.kind !== 'held') return holding
  const { namespace, name, uid, isNodeLocal, ports } = holding.tenure
  return {
    kind: 'held',
    tenure: { namespace, name, uid, isNodeLocal, portName: ports?.all.find(isIt)?.name ?? '' },
  }
}

function named(
  { namespace, name }: Pick<ServiceTenure, 'namespace' | 'name'>,
  portName: string,
): Holding<NamedService> {
  return { kind: 'held', tenure: portName === '' ? { namespace, name } : { namespace, name, portName } }
}

function sameService(one: ServiceTenure, other: ServiceTenure): boolean {
  return one.uid === other.uid
}

function claimsOf(service: PickedService, heard: Heard): readonly Claim<ServiceTenure>[] {
  const begun = beginning(heard, service)
  const ports = { all: service.ports, id: service.ports.map(idOf).join() }
  const alone = (key: string) => ({ key, tenure: new ServiceTenure(begun, service) })
  const withPorts = (key: string) => ({ key, tenure: new ServiceTenure(begun, service, ports) })
  const nodePorts = ports.all.flatMap(({ nodePort }) => (nodePort === undefined ? [] : [`:${nodePort}`]))
  return [
    ...service.clusterIPs.map(alone),
    ...[...service.clusterIPs, ...service.sharedIPs, ...nodePorts].map(withPorts),
  ]
}

function idOf({ port, name, nodePort }: ServicePort): string {
  return `${port}/${name}/${nodePort ?? ''}`
}
