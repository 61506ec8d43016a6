import { addressesOf, headOf, membersOf, objectsOf, writtenMs } from './fields.js'

/** What is kept of a node. */
export interface PickedNode {
  readonly name: string
  readonly uid: string
  readonly createdMs?: number
  readonly writtenMs?: number
  /** Its own and those it has outside; names are left out. */
  readonly addresses: readonly string[]
}

const MOST_ADDRESSES = 64

/** @returns `undefined` if it is no node that can be named */
export function pickNode(object: unknown): PickedNode | undefined {
  const head = headOf(object)
  if (head?.uid === undefined) return undefined
  const { createdMs } = head
  const written = writtenMs(head.metadata)
  const addresses = objectsOf(membersOf(membersOf(object)['status'])['addresses'], MOST_ADDRESSES)
  return {
    name: head.name,
    uid: head.uid,
    ...(createdMs === undefined ? {} : { createdMs }),
    ...(written === undefined ? {} : { writtenMs: written }),
    addresses: addressesOf(
      addresses
        .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
        .map((each) => each['address']),
    ),
  }
}
