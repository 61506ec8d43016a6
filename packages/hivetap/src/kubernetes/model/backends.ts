import type { FarEnd } from '../whose.js'
import { Listing } from './listing.js'
import { OneOfEach } from './one-of-each.js'
import type { OnlyBackends } from './only-backends.js'
import type { PickedEndpoint, PickedSlice, SlicePort } from './pick/pick-endpoint-slice.js'
import { type Beginning, beginning } from './time/beginning.js'
import { type Claim, Claims, endedBy } from './time/claims.js'
import type { TenureBook } from './time/tenure-book.js'
import { Term } from './time/term.js'
import type { Heard } from './time/watch-clock.js'

export type NamedPod = NonNullable<FarEnd['pod']>

/** What all backends of a slice have in common. */
export interface BackendGroup {
  readonly namespace: string
  readonly service?: string
  /** Kubernetes keeps it up to date, as long as the Service has a selector. */
  readonly managed: boolean
  readonly ports: readonly SlicePort[]
  /** Tells it from others. */
  readonly id: string
}

/** Somebody at an address: a pod, a backend of a Service, or a pod that is one. */
export class AddressTenure extends Term {
  readonly pod: NamedPod | undefined
  /** The node that the pod is on. */
  readonly node: string | undefined
  /** Absent where a pod itself tells its address. */
  readonly group: BackendGroup | undefined

  constructor(
    begun: Beginning,
    { pod, node, group }: Pick<Partial<AddressTenure>, 'pod' | 'node' | 'group'>,
  ) {
    super(begun)
    this.pod = pod
    this.node = node
    this.group = group
  }
}

export function addressTenureId({ pod, node, group }: AddressTenure): string {
  return `${pod?.uid ?? ''} ${pod?.namespace ?? ''}/${pod?.name ?? ''} ${node ?? ''} ${group?.id ?? ''}`
}

/** Whether two are of the same pod. A slice need not tell the UID. */
export function samePod(one: AddressTenure, other: AddressTenure): boolean {
  const [a, b] = [one.pod, other.pod]
  if (a?.name !== b?.name || a?.namespace !== b?.namespace) return false
  return a?.uid === undefined || b?.uid === undefined || a.uid === b.uid
}

const MOST = 50_000
/** Names of nodes: a cluster has some thousands at most. */
const MOST_NODES = 20_000

/** Backends of Services, by address: they also tell the pods of other nodes, without a list of all pods. */
export class Backends {
  readonly listing: Listing<PickedSlice>
  readonly #claims: Claims<AddressTenure>
  readonly #only: OnlyBackends
  readonly #groups = new Map<string, BackendGroup>()
  readonly #nodeNames = new OneOfEach(MOST_NODES)

  /**
   * @param book shared with those pods that tell their addresses themselves
   * @param only told too what is ready
   */
  constructor(book: TenureBook<AddressTenure>, only: OnlyBackends, now: () => number) {
    this.#only = only
    this.#claims = new Claims(book, addressTenureId)
    this.listing = new Listing(
      {
        keyOf: ({ namespace, name }) => `${namespace}/${name}`,
        put: (slice, heard) => this.#put(slice, heard),
        remove: (key, heard) => this.#remove(key, heard),
      },
      MOST,
      now,
    )
  }

  #put(slice: PickedSlice, heard: Heard): void {
    const key = `${slice.namespace}/${slice.name}`
    const made = groupOf(slice)
    const known = this.#groups.get(key)
    const group = known?.id === made.id ? known : made
    this.#groups.set(key, group)
    this.#claims.put(key, this.#claimsOf(slice, group, heard), endedBy(heard))
    this.#only.put(key, slice, heard)
  }

  #remove(key: string, heard: Heard): void {
    this.#claims.put(key, [], endedBy(heard))
    this.#only.remove(key, heard)
    this.#groups.delete(key)
  }

  #claimsOf(slice: PickedSlice, group: BackendGroup, heard: Heard): readonly Claim<AddressTenure>[] {
    // When the slice was made says nothing of when the pod was.
    const { createdMs: _, ...times } = slice
    const begun = beginning(heard, times)
    return slice.endpoints.map(({ address, pod, node }) => ({
      key: address,
      tenure: new AddressTenure(begun, {
        pod: pod && namedPod(group.namespace, pod),
        node: node && this.#nodeNames.get(node),
        group,
      }),
    }))
  }
}

function groupOf({ namespace, service, managed, ports }: PickedSlice): BackendGroup {
  const id = `${service ?? ''} ${managed} ${ports.map(({ port, name }) => `${port}/${name}`).join()}`
  return { namespace, ...(service === undefined ? {} : { service }), managed, ports, id }
}

function namedPod(namespace: string, { name, uid }: NonNullable<PickedEndpoint['pod']>): NamedPod {
  return uid === undefined ? { namespace, name } : { namespace, name, uid }
}
