import { DeliveryError } from '../../delivery/destination.js'
import type { Leaders } from './cluster-client.js'
import type { BrokerAddress } from './config.js'
import { groupsOf } from './groups.js'
import type { Outgoing } from './outgoing.js'

/** Records that go to one partition, and who leads it. */
export interface Placed {
  readonly topic: string
  readonly partition: number
  readonly leader: BrokerAddress
  readonly records: readonly Outgoing[]
}

/** Java's own way from a key to a number, so that a consumer of another language finds the same partition. */
export type KeyHash = (key: Buffer) => number

/**
 * Decides on the partitions of records of one topic: with a key, as Java's clients do; without, all go to one partition, at
 * the turn given, that has a leader.
 *
 * @throws {DeliveryError} `leader_missing`
 */
export function place(
  topic: string,
  records: readonly Outgoing[],
  leaders: Leaders,
  turn: number,
  hash: KeyHash,
): Placed[] {
  const available = leaders.flatMap((leader, index) => (leader === undefined ? [] : [index]))
  const next = available[turn % Math.max(available.length, 1)]
  const groups = groupsOf(records, ({ key }) => (key === undefined ? next : hash(key) % leaders.length))
  const placed = [...groups].flatMap(([partition, group]) => {
    const leader = partition === undefined ? undefined : leaders[partition]
    return partition === undefined || leader === undefined
      ? []
      : [{ topic, partition, leader, records: group }]
  })
  if (placed.length < Math.max(groups.size, 1))
    throw new DeliveryError(
      'leader_missing',
      `A partition of topic ${topic} has no leader: the brokers that hold it are down, or are choosing one.`,
      { passing: true },
    )
  return placed
}
