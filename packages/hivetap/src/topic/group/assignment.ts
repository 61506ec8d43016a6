import { ByteCursor } from '../wire/byte-cursor.js'

/** The name that consumers have for this way of sharing partitions out: all of a group must know it. */
export const ASSIGNOR = 'range'

/** What a member tells the group: what it reads. Version 0, which all consumers know. */
export function subscriptionOf(topic: string): Buffer {
  return Buffer.concat([int16(0), int32(1), string(topic), int32(-1)])
}

/** The topics that a member reads. @throws {RangeError} if it does not say so */
export function topicsOf(subscription: Buffer): readonly string[] {
  const cursor = new ByteCursor(subscription)
  cursor.int16()
  const topics: string[] = []
  for (let left = cursor.int32(); left > 0; left--) topics.push(cursor.string())
  return topics
}

/** What the leader of a group gives a member of it. */
export function assignmentOf(topic: string, partitions: readonly number[]): Buffer {
  const given = [int32(1), string(topic), int32(partitions.length), ...partitions.map(int32)]
  return Buffer.concat([int16(0), ...given, int32(-1)])
}

/** The partitions of a topic that a member was given. @throws {RangeError} if it does not say so */
export function partitionsOf(assignment: Buffer, topic: string): readonly number[] {
  if (assignment.length === 0) return []
  const cursor = new ByteCursor(assignment)
  cursor.int16()
  const partitions: number[] = []
  for (let left = cursor.int32(); left > 0; left--) {
    const name = cursor.string()
    for (let more = cursor.int32(); more > 0; more--) {
      const partition = cursor.int32()
      if (name === topic) partitions.push(partition)
    }
  }
  return partitions
}

/** Shares partitions out: neighbours together, to members in the order of their names; the first have one more. */
export function shareOut(members: readonly string[], count: number): ReadonlyMap<string, readonly number[]> {
  const each = Math.floor(count / members.length)
  const more = count % members.length
  let next = 0
  return new Map(
    [...members].sort().map((member, index) => {
      const take = each + (index < more ? 1 : 0)
      const partitions = Array.from({ length: take }, (_, offset) => next + offset)
      next += take
      return [member, partitions]
    }),
  )
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([int16(bytes.length), bytes])
}
