import type { FilterOptions } from '../filters.js'
import type { AnyTool, ToldConnects } from '../tool.js'
import type { ConnectEvent } from './connect-event.js'
import type { ConnectOptions } from './connect-plan.js'

/** Says of an event which other tool's event of the same connect counts; `undefined` where this one does. */
export type CountedBy = (event: unknown) => string | undefined

/** A tool that runs, with what it was asked. */
interface RunningTool {
  readonly tool: Pick<AnyTool, 'name' | 'connects'>
  readonly options: unknown
}

/** What such a tool tells of connects. */
interface Teller extends ToldConnects {
  readonly name: string
  readonly options: ConnectOptions
}

/** Of tools that tell the same, the one that counts: readers that know of one alone know of this. */
const FIRST = 'tcpconnlat'

/**
 * Of tools that run side by side and tell of the same connects, which one's event of each counts: so that a connect is counted
 * once by whoever reads them, whatever the order, without remembering any. It follows from what the tools were asked alone:
 * each event is held against what the others leave out.
 *
 * @returns by tool; `undefined` where all of its events count
 */
export function countedOnce(tools: readonly RunningTool[]): readonly (CountedBy | undefined)[] {
  const tellers = tools.map(({ tool, options }): Teller | undefined => {
    const told = tool.connects?.(options)
    return told === undefined ? undefined : { ...told, name: tool.name, options: options as ConnectOptions }
  })
  return tellers.map((teller) => {
    if (teller === undefined) return undefined
    const before = tellers.filter(
      (other) => other !== undefined && isBefore(other, teller) && mayCover(other.options, teller.options),
    ) as Teller[]
    if (before.length === 0) return undefined
    return (event) => before.find((other) => tells(other, event as ConnectEvent))?.name
  })
}

/** Whether a tool is one that counts rather than another: what can be said of its events with more certainty. */
function isBefore(one: Teller, other: Teller): boolean {
  const [ofOne, ofOther] = [placesOf(one), placesOf(other)]
  const differs = ofOne.findIndex((place, index) => place !== ofOther[index])
  return differs >= 0 && (ofOne[differs] as number) < (ofOther[differs] as number)
}

/**
 * A sample stands for others by its weight, and cannot stand for each. What is below a limit, two clocks that are read one behind
 * the other may tell apart otherwise.
 */
function placesOf({ name, options, minLatencyUs = 0 }: Teller): readonly number[] {
  return [
    options.sample === undefined ? 0 : 1,
    options.cgroup === undefined ? 0 : options.cgroup.length,
    minLatencyUs === 0 ? 0 : 1,
    name === FIRST ? 0 : 1,
  ]
}

/** Whether one tells of all that the other does, as far as events do not say it. */
function mayCover(one: FilterOptions, other: FilterOptions): boolean {
  if (one.sample !== undefined && other.sample === undefined) return false
  if (one.cgroup === undefined) return true
  return other.cgroup !== undefined && withSlash(other.cgroup).startsWith(withSlash(one.cgroup))
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}

/** Whether a tool tells this of a connect too: connects.h and filters.h leave out by the same. */
function tells({ options, failures, stuck, minLatencyUs = 0 }: Teller, event: ConnectEvent): boolean {
  const { outcome, latencyUs } = event
  if (latencyUs < minLatencyUs) return false
  if (outcome === 'stuck' ? !stuck : outcome !== 'connected' && !failures) return false
  const { pid, uid, port = [], ipv4, ipv6 } = options
  if (pid !== undefined && event.pid !== pid) return false
  if (uid !== undefined && event.uid !== uid) return false
  if (port.length > 0 && !port.includes(event.destinationPort)) return false
  const ipVersion = ipv4 === true ? 4 : ipv6 === true ? 6 : undefined
  return ipVersion === undefined || event.ipVersion === ipVersion
}
