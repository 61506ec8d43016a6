import type { EpochAudit } from './audit.js'
import { sizeOf } from './range.js'

/** Sums over epochs: `produced = received + lost + missing + under_way`. */
export interface Totals {
  readonly nodes: number
  readonly epoch_count: number
  readonly produced: number
  readonly received: number
  readonly events: number
  readonly lost: number
  readonly missing: number
  readonly under_way: number
  readonly duplicates: number
}

export function totalsOf(epochs: readonly EpochAudit[]): Totals {
  const sum = (of: (epoch: EpochAudit) => number) => epochs.reduce((total, epoch) => total + of(epoch), 0)
  return {
    nodes: new Set(epochs.map(({ node }) => node)).size,
    epoch_count: epochs.length,
    produced: sum(({ stream }) => stream.produced),
    received: sum(({ stream }) => stream.received),
    events: sum(({ stream }) => stream.events),
    lost: sum(({ stream }) => lostOf(stream.lost)),
    missing: sum(({ stream }) => sizeOf(stream.missing)),
    under_way: sum(({ stream }) => sizeOf(stream.underWay)),
    duplicates: sum(({ duplicates }) => duplicates),
  }
}

/** Declared lost, for all reasons. */
export function lostOf(lost: readonly { readonly count: number }[]): number {
  return lost.reduce((total, { count }) => total + count, 0)
}
