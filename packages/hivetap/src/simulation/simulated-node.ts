import type { AnyTool } from '../probes/tool.js'
import type { EpochTruth, FleetOptions, SimulatedBatch } from './fleet-options.js'
import { Random } from './random.js'
import { type RunLine, SimulatedRun } from './simulated-run.js'
import { SimulatedWay, type ToldLast } from './simulated-way.js'

const MINUTE_MS = 60_000
/** Events that are drained together, at most. */
const MOST_EVENTS = 50
/** So that what goes wrong is picked by other numbers than what happens. */
const FAULTS = 0x5bd1e995

/**
 * All that a node sends, in the order in which it arrives.
 *
 * @param tell given the truth of each epoch, when it is over
 */
export function* simulatedNode(
  index: number,
  options: FleetOptions,
  tools: readonly AnyTool[],
  tell: (truth: EpochTruth) => void,
): Generator<SimulatedBatch> {
  const seed = options.seed * 1_000_003 + index
  const random = new Random(seed)
  const faults = new Random(seed ^ FAULTS)
  const node = `node-${index + 1}`
  let startMs = options.startMs + random.between(0, MINUTE_MS)
  let before: SimulatedRun | undefined
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    // The last is not killed: nobody would say so.
    const isCut = epoch < options.epochs - 1 && random.happens(options.cut)
    const run = new SimulatedRun(node, startMs, tools, random, options)
    const way = new SimulatedWay(run, options, faults)
    yield* way.send([...run.account('started'), ...(before === undefined ? [] : [run.cut(before)])])
    const last = yield* lifeOf(run, way, options, random, isCut)
    yield* way.end()
    tell(way.truth(isCut ? 'cut' : 'ended', last))
    before = isCut ? run : undefined
    startMs = run.nowMs + random.between(1000, MINUTE_MS)
  }
}

/** @returns what it had told when it gave its last account */
function* lifeOf(
  run: SimulatedRun,
  way: SimulatedWay,
  { events, minutes }: FleetOptions,
  random: Random,
  isCut: boolean,
): Generator<SimulatedBatch, ToldLast> {
  const endMs = run.nowMs + minutes * MINUTE_MS
  const stepMs = (minutes * MINUTE_MS * MOST_EVENTS) / 2 / Math.max(1, events)
  let last = way.toldNow
  let accountMs = run.nowMs + MINUTE_MS
  let nowMs = run.nowMs
  let left = isCut ? random.between(1, Math.max(1, events)) : events
  while (left > 0) {
    nowMs = Math.min(endMs, nowMs + random.fraction() * 2 * stepMs)
    run.passUntil(Math.floor(nowMs))
    const count = Math.min(left, random.between(1, MOST_EVENTS))
    left -= count
    const events = Array.from({ length: count }, () => run.event())
    const lines: readonly RunLine[] = [...events.flatMap((line) => line ?? []), ...run.summaries('due')]
    if (run.nowMs < accountMs) yield* way.send(lines)
    else {
      accountMs = run.nowMs + MINUTE_MS
      yield* way.send([...lines, ...run.account('running')])
      last = way.toldNow
    }
  }
  if (isCut) return last
  // Nothing happens any more, and it says so each minute.
  for (; accountMs < endMs; accountMs += MINUTE_MS) {
    run.passUntil(accountMs)
    yield* way.send([...run.summaries('due'), ...run.account('running')])
  }
  run.passUntil(endMs)
  yield* way.send([...run.summaries('rest'), ...run.account('ended')])
  return way.toldNow
}
