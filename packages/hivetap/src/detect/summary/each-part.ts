import { emptyObservation, type Observation } from '../observation.js'
import { binOf, valueOfBin } from '../sketch/bins.js'
import type { ConnectSummary, SummaryCell, SummaryExample } from './connect-summary.js'

/** The one that is filled with each part. */
const part: Observation = emptyObservation()

/**
 * A summary as connects: its examples one by one, and of the rest one for each bin, with the weight of all that are in it. So all
 * that counts connects counts what it would of the events themselves, with latencies that are within 1 %.
 *
 * @param take given each, and for how many events it stands; what it is given is filled anew afterwards
 */
export function eachPart(
  observation: Observation,
  summary: ConnectSummary,
  take: (part: Observation, events: number) => void,
): void {
  const { timeUs, stream, eventId, host, comm, source, destination, weight } = observation
  Object.assign(part, { timeUs, stream, host, comm, source, destination, summary: undefined })
  const give = (one: Pick<Observation, 'outcome' | 'cause' | 'latencyUs'>, of: number) => {
    part.outcome = one.outcome
    part.cause = one.cause
    part.latencyUs = one.latencyUs
    part.weight = of * weight
    take(part, of)
  }
  part.isPart = false
  part.eventId = eventId
  for (const example of summary.examples) {
    part.timeUs = timeUs + example.offsetUs
    part.pid = example.pid
    give(example, 1)
  }
  part.isPart = true
  part.eventId = ''
  part.timeUs = timeUs
  part.pid = 0
  for (const { outcome, cause, untimed, bins, counts } of summary.cells) {
    const shown = summary.examples.filter((one) => one.outcome === outcome && one.cause === cause)
    const left = untimed - shown.filter(({ latencyUs }) => latencyUs < 0).length
    if (left > 0) give({ outcome, cause, latencyUs: -1 }, left)
    for (const [index, bin] of bins.entries()) {
      const rest = (counts[index] ?? 0) - shown.filter((one) => isIn(one, bin)).length
      if (rest > 0) give({ outcome, cause, latencyUs: valueOfBin(bin) }, rest)
    }
  }
}

/** Whether each example is one of those that are counted: the same connect is not shown twice either. */
export function areCounted(cells: readonly SummaryCell[], examples: readonly SummaryExample[]): boolean {
  const counted = (one: SummaryExample) => {
    const cell = cells.find(({ outcome, cause }) => outcome === one.outcome && cause === one.cause)
    if (cell === undefined) return 0
    return one.latencyUs < 0 ? cell.untimed : (cell.counts[cell.bins.indexOf(binOf(one.latencyUs))] ?? 0)
  }
  const alike = (one: SummaryExample, other: SummaryExample) =>
    one.outcome === other.outcome &&
    one.cause === other.cause &&
    (one.latencyUs < 0 ? other.latencyUs < 0 : isIn(other, binOf(one.latencyUs)))
  return examples.every((one) => examples.filter((other) => alike(one, other)).length <= counted(one))
}

function isIn({ latencyUs }: SummaryExample, bin: number): boolean {
  return latencyUs >= 0 && binOf(latencyUs) === bin
}
