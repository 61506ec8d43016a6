import type { AnyTool } from '../probes/tool.js'
import { TOOLS } from '../probes/tools.js'
import { type EpochTruth, FLEET_DEFAULTS, type FleetOptions, type SimulatedBatch } from './fleet-options.js'
import { simulatedNode } from './simulated-node.js'

/** A fleet that is made up: the same for the same options. */
export interface SimulatedFleet {
  /** What arrives, nodes beside each other by time. */
  readonly batches: Iterable<SimulatedBatch>
  /** Of each epoch, once all its batches were taken. */
  readonly truth: readonly EpochTruth[]
}

/** Makes up what the agents of a fleet would send. */
export function simulateFleet(
  options: Partial<FleetOptions>,
  tools: readonly AnyTool[] = TOOLS,
): SimulatedFleet {
  const all = { ...FLEET_DEFAULTS, ...options }
  const truth: EpochTruth[] = []
  const nodes = Array.from({ length: all.nodes }, (_, index) =>
    simulatedNode(index, all, tools, (one) => truth.push(one)),
  )
  return { batches: byTime(nodes), truth }
}

/** The batches of all, that of the earliest time first; those of one stay in their order. */
function* byTime(sources: readonly Generator<SimulatedBatch>[]): Generator<SimulatedBatch> {
  const next = sources.flatMap((source) => takeNext(source))
  while (next.length > 0) {
    let earliest = 0
    for (const [index, one] of next.entries())
      if (one.batch.timeMs < (next[earliest]?.batch.timeMs ?? 0)) earliest = index
    const one = next[earliest]
    if (one === undefined) return
    yield one.batch
    next.splice(earliest, 1, ...takeNext(one.source))
  }
}

function takeNext(source: Generator<SimulatedBatch>) {
  const { done, value } = source.next()
  return done === true || value === undefined ? [] : [{ source, batch: value }]
}
