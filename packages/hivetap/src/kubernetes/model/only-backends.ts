import type { PickedSlice, SlicePort } from './pick/pick-endpoint-slice.js'
import { type Beginning, beginning } from './time/beginning.js'
import { type Claim, Claims, endedBy } from './time/claims.js'
import type { Gaps } from './time/gaps.js'
import { surely } from './time/tenure.js'
import { type BookBounds, TenureBook } from './time/tenure-book.js'
import { Term } from './time/term.js'
import { type Heard, LAG_MS } from './time/watch-clock.js'

/** What of a slice takes connects: one address, or more. A slice of which nothing is ready has none. */
class Ready extends Term {
  readonly ports: readonly SlicePort[]
  /** The only one that is ready; `undefined` where more are. */
  readonly address: string | undefined
  /** Kubernetes keeps the slice up to date, as long as the Service has a selector. */
  readonly managed: boolean
  /** Tells it from others. */
  readonly id: string

  constructor(begun: Beginning, { ports, managed }: PickedSlice, address: string | undefined) {
    super(begun)
    this.ports = ports
    this.address = address
    this.managed = managed
    this.id = `${managed} ${address ?? 'more'} ${ports.map(({ port, name }) => `${port}/${name}`).join()}`
  }
}

/** Where a Service's address led to. */
export interface Led {
  readonly address: string
  readonly port: number
}

/** The address of a Service, and what of it was asked for. */
export interface AskedPort {
  readonly namespace: string
  readonly name: string
  /** Of the Service's port, empty where that has none. */
  readonly portName: string
  /** Of the Service's address: proxies lead to backends of the same kind. */
  readonly ipVersion: 4 | 6
  /** Whether its backends are found by a selector. */
  readonly selects: boolean
}

/** A proxy goes by the slices as it has heard of them: what they said so long before a connect may count too. */
const PROXY_MS = LAG_MS
/** Of more that are and were, one alone is hardly found, and looking through them would take time. */
const MOST_LOOKED_AT = 64

/**
 * The backends of Services that are the only ones. A connect to a Service's address goes to one of its backends, and to which,
 * only the connection tracking of the host's network knows; but where one alone was ready, for as long as a proxy may be behind,
 * it went there. Kept is one entry a slice, however many endpoints it has.
 */
export class OnlyBackends {
  /** By Service and kind of address. */
  readonly book: TenureBook<Ready>
  readonly #claims: Claims<Ready>

  constructor(bounds: BookBounds) {
    this.book = new TenureBook(bounds)
    this.#claims = new Claims(this.book, ({ id }) => id)
  }

  put(key: string, slice: PickedSlice, heard: Heard): void {
    this.#claims.put(key, claimsOf(slice, heard), endedBy(heard))
  }

  remove(key: string, heard: Heard): void {
    this.#claims.put(key, [], endedBy(heard))
  }

  /**
   * The backend that a connect went to, if it can have been no other.
   *
   * @param gaps of what times slices are not all known
   */
  at(
    { namespace, name, portName, ipVersion, selects }: AskedPort,
    gaps: Gaps,
    timeMs: number,
  ): Led | undefined {
    const sinceMs = timeMs - PROXY_MS
    const tenures = this.book.of(keyOf(namespace, name, ipVersion), sinceMs)
    // A gap is no shorter than a proxy is behind: none lies between the two times.
    if (tenures === undefined || tenures.length > MOST_LOOKED_AT) return undefined
    if (gaps.has(sinceMs) || gaps.has(timeMs)) return undefined
    let only: Led | undefined
    let isSure = false
    for (const tenure of tenures) {
      if (tenure.latest <= sinceMs || timeMs < tenure.earliest) continue
      const port = tenure.ports.find((each) => each.name === portName)?.port
      if (port === undefined) continue
      const { address, managed } = tenure
      // Nobody keeps up to date what was made of a selector that is gone, and proxies go by it all the same.
      if (address === undefined || (managed && !selects)) return undefined
      if (only !== undefined && (only.address !== address || only.port !== port)) return undefined
      only ??= { address, port }
      if (surely(tenure, sinceMs) && surely(tenure, timeMs)) isSure = true
    }
    return isSure ? only : undefined
  }
}

function keyOf(namespace: string, service: string, ipVersion: 4 | 6): string {
  return `${namespace}/${service} ${ipVersion}`
}

function claimsOf(slice: PickedSlice, heard: Heard): readonly Claim<Ready>[] {
  const { namespace, service, ports, createdMs: _, ...times } = slice
  if (service === undefined || ports.length === 0) return []
  const ready = slice.endpoints.filter(({ isReady }) => isReady)
  const begun = beginning(heard, times)
  return ([4, 6] as const).flatMap((ipVersion) => {
    const all = new Set(ready.map(({ address }) => address).filter((each) => versionOf(each) === ipVersion))
    const [first] = all
    if (first === undefined) return []
    const tenure = new Ready(begun, slice, all.size === 1 ? first : undefined)
    return [{ key: keyOf(namespace, service, ipVersion), tenure }]
  })
}

/** Of an address in its plain form. */
export function versionOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4
}
