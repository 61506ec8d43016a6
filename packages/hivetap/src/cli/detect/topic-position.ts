import { z } from 'zod'
import type { Positions } from '../../topic/group/group-events.js'
import type { KnownPositions } from '../../topic/group/starting-places.js'

const saved = z.object({
  topic: z.string(),
  topic_id: z.string().optional(),
  offsets: z.record(z.string().regex(/^\d{1,9}$/), z.int().min(0)),
})

/** How far a topic is read, for a state: a state and what it was made of belong together. */
export function positionOf(topic: string, topicId: string | undefined, offsets: Positions): unknown {
  return { topic, ...(topicId !== undefined && { topic_id: topicId }), offsets: Object.fromEntries(offsets) }
}

/** What `positionOf` gave; `undefined` if it is none, or of another topic. */
export function readPosition(position: unknown, topic: string): KnownPositions | undefined {
  const { data } = saved.safeParse(position)
  if (data === undefined || data.topic !== topic) return undefined
  const offsets = Object.entries(data.offsets).map(
    ([partition, offset]) => [Number(partition), offset] as const,
  )
  return { topicId: data.topic_id, offsets: new Map(offsets) }
}
