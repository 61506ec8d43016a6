import type { ClusterShape, TopicShape } from './topic-admin.js'

/** What was asked for; what is left out is decided for a new topic, and not looked at in one that is there. */
export interface TopicWish {
  readonly partitions?: number | undefined
  readonly replication?: number | undefined
  readonly minInsync?: number | undefined
  /** Milliseconds; -1 keeps records for ever. */
  readonly retentionMs?: number | undefined
}

/** Something in which a topic is not as it was asked for. */
export interface Difference {
  readonly what: string
  readonly is: string
  readonly wanted: string
}

/** What is to be done about a topic. */
export type TopicPlan =
  | { readonly kind: 'create'; readonly topic: string; readonly shape: TopicShape }
  | { readonly kind: 'equal'; readonly topic: string; readonly shape: TopicShape }
  | { readonly kind: 'different'; readonly topic: string; readonly differences: readonly Difference[] }

/** Enough for a thousand nodes' events, and few enough for any cluster. */
const PARTITIONS = 6
/** One may be lost, and another be restarted. */
const REPLICATION = 3

/** What is to be done, so that the topic is as it is wished for. */
export function planTopic(topic: string, wish: TopicWish, cluster: ClusterShape): TopicPlan {
  const { topic: shape } = cluster
  if (shape === undefined) return { kind: 'create', topic, shape: newShape(wish, cluster.brokers) }
  const differences = differencesOf(wish, shape)
  return differences.length === 0
    ? { kind: 'equal', topic, shape }
    : { kind: 'different', topic, differences }
}

function newShape(wish: TopicWish, brokers: number): TopicShape {
  const replication = wish.replication ?? Math.min(REPLICATION, Math.max(brokers, 1))
  // All but one: a broker may be away, and what is acknowledged is still in two places.
  const minInsync = wish.minInsync ?? Math.max(replication - 1, 1)
  const configs = new Map([
    ['cleanup.policy', 'delete'],
    ['min.insync.replicas', String(minInsync)],
  ])
  if (wish.retentionMs !== undefined) configs.set('retention.ms', String(wish.retentionMs))
  return { partitions: wish.partitions ?? PARTITIONS, replication, configs }
}

function differencesOf(wish: TopicWish, shape: TopicShape): Difference[] {
  const config = (name: string) => shape.configs.get(name) ?? 'unknown'
  const pairs: readonly (readonly [string, string, number | string | undefined])[] = [
    ['partitions', String(shape.partitions), wish.partitions],
    ['replication factor', String(shape.replication), wish.replication],
    ['min.insync.replicas', config('min.insync.replicas'), wish.minInsync],
    ['retention.ms', config('retention.ms'), wish.retentionMs],
    // A topic that keeps a record for each key alone loses events that have the same.
    ['cleanup.policy', config('cleanup.policy'), 'delete'],
  ]
  return pairs.flatMap(([what, is, wanted]) =>
    wanted === undefined || is === String(wanted) ? [] : [{ what, is, wanted: String(wanted) }],
  )
}
