import { Listing } from './listing.js'
import type { PickedNode } from './pick/pick-node.js'
import { type Beginning, beginning } from './time/beginning.js'
import { Claims, endedBy } from './time/claims.js'
import { type Holding, heldAt } from './time/tenure.js'
import { type BookBounds, TenureBook } from './time/tenure-book.js'
import { Term } from './time/term.js'
import type { Heard } from './time/watch-clock.js'

class NodeTenure extends Term {
  readonly name: string
  readonly uid: string

  constructor(begun: Beginning, { name, uid }: PickedNode) {
    super(begun)
    this.name = name
    this.uid = uid
  }
}

const MOST = 20_000

/** Nodes by address. */
export class Nodes {
  readonly listing: Listing<PickedNode>
  readonly book: TenureBook<NodeTenure>
  readonly #claims: Claims<NodeTenure>
  readonly #addresses = new Map<string, readonly string[]>()

  constructor(bounds: BookBounds, now: () => number) {
    this.book = new TenureBook(bounds)
    this.#claims = new Claims(this.book, ({ uid }) => uid)
    this.listing = new Listing(
      {
        keyOf: ({ name }) => name,
        put: (node, heard) => this.#put(node, heard),
        remove: (name, heard) => this.#remove(name, heard),
      },
      MOST,
      now,
    )
  }

  at(address: string, timeMs: number): Holding<NodeTenure> {
    return heldAt(this.book.of(address, timeMs), timeMs, sameNode)
  }

  /**
   * Whether an address is surely none of a node's: one of another kind than those that it has is not known to be none, nor is
   * any of a node that has not told its addresses yet.
   */
  isNotOf(name: string, address: string): boolean {
    const known = this.#addresses.get(name) ?? []
    const isV6 = address.includes(':')
    return known.some((each) => each.includes(':') === isV6) && !known.includes(address)
  }

  #put(node: PickedNode, heard: Heard): void {
    const { name, addresses } = node
    const begun = beginning(heard, node)
    const claims = addresses.map((key) => ({ key, tenure: new NodeTenure(begun, node) }))
    this.#claims.put(name, claims, endedBy(heard))
    this.#addresses.set(name, addresses)
  }

  #remove(name: string, heard: Heard): void {
    this.#claims.put(name, [], endedBy(heard))
    this.#addresses.delete(name)
  }
}

function sameNode(one: NodeTenure, other: NodeTenure): boolean {
  return one.uid === other.uid
}
