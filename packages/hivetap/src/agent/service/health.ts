import { monotonicNs } from '@hivetap/bpf'
import type { LearnedCounts } from '../../kubernetes/learned-cgroups.js'
import type { DiskFault } from '../../spool/disk/disk-faults.js'
import { faultText } from '../../spool/disk/fault-text.js'
import type { RunningAgent, SinkState, ToolState } from '../agent.js'
import { errorText } from '../log/error-text.js'
import { summariesReasons, wireSummaries } from './summaries-health.js'

/** How often the health is told. */
export const HEALTH_EVERY_MS = 5000
/** An account of health that is older is of an agent that hangs, or is gone. */
export const HEALTH_STALE_MS = 20_000

/** What `hivetap health` reads: from a file, or a socket. Names are as on the wire. */
export interface HealthRecord {
  readonly healthy: boolean
  /**
   * Whether it does less than it was asked for: a tool could not be attached, the disk of the spool fails. To start it anew would
   * not mend that.
   */
  readonly degraded: boolean
  /** Why it is not healthy, or what is wrong although it is: a sink that is down. */
  readonly reasons: readonly string[]
  readonly node: string
  readonly pid: number
  readonly time: string
  /** Milliseconds of CLOCK_MONOTONIC when this was told: no change of the wall clock makes it old. */
  readonly monotonic_ms: number
  readonly state?: unknown
}

/** The health of an agent; `undefined` before it is ready. */
export function healthOf(node: string, agent: RunningAgent | undefined): HealthRecord {
  const base = {
    node,
    pid: process.pid,
    time: new Date().toISOString(),
    monotonic_ms: Number(monotonicNs() / 1_000_000n),
  }
  if (agent === undefined) return { healthy: false, degraded: false, reasons: ['it is starting'], ...base }
  const { epoch, tools, sinks, spool, produced, dropped, summaries, names } = agent.state()
  const isAlive = agent.isAlive()
  const failing = spool.faults.filter((fault) => fault.failing)
  return {
    healthy: isAlive,
    degraded: !tools.every(isAttached) || failing.length > 0,
    reasons: [
      ...(isAlive ? [] : ['nothing moves although something could']),
      ...tools
        .filter(({ attached }) => !attached)
        .map(({ tool, reason = '' }) => `${tool} is not attached: ${reason}`),
      ...failing.map(failingText),
      ...sinks
        .filter(({ up }) => up === false)
        .map(({ name, reason = '' }) => `sink ${name} is down: ${reason}`),
      ...summariesReasons(summaries),
      ...[...names.away].map(([what, reason]) => `names of ${what} may be of before: ${reason}`),
    ],
    ...base,
    state: {
      epoch,
      tools,
      sinks: sinks.map(wireSink),
      spool: {
        held_bytes: spool.heldBytes,
        max_bytes: spool.maxBytes,
        faults: spool.faults.map(wireFault),
      },
      produced,
      dropped,
      ...(summaries === undefined ? {} : { summaries: wireSummaries(summaries) }),
      names: {
        events: names.events,
        unknown_program: names.unknownProgram,
        unknown_cgroup: names.unknownCgroup,
        unresolved_pod: names.unresolvedPod,
        ...(names.learned === undefined ? {} : { filter: wireLearned(names.learned) }),
      },
    },
  }
}

function wireSink({ name, type, up, sinceMs, reason, backlogBytes, delivered, lost }: SinkState) {
  const since = sinceMs === undefined ? undefined : new Date(sinceMs).toISOString()
  return { name, type, up, since, reason, backlog_bytes: backlogBytes, delivered, lost }
}

function wireFault({ task, path, error, times, sinceMs, lastMs, failing }: DiskFault) {
  const [since, last] = [new Date(sinceMs).toISOString(), new Date(lastMs).toISOString()]
  return { task, path, error: errorText(error), times, since, last, failing }
}

function failingText(fault: DiskFault): string {
  const { times, sinceMs } = fault
  const often = times === 1 ? 'once' : `${times} times`
  return `the disk of the spool fails, since ${new Date(sinceMs).toISOString()}, ${often} in all: ${faultText(fault)}`
}

function wireLearned({ learned, evicted, refused }: Readonly<LearnedCounts>) {
  return { cgroups_learned: learned, cgroups_evicted: evicted, cgroups_refused: refused }
}

/** A line of it for people: `2 tools attached; kafka up; spool 3 of 1024 MiB`. */
export function statusLine(agent: RunningAgent): string {
  const { tools, sinks, spool } = agent.state()
  const isFailing = spool.faults.some(({ failing }) => failing)
  const mib = (bytes: number) => Math.round(bytes / 2 ** 20)
  return [
    `${tools.filter(isAttached).length} of ${tools.length} tools attached`,
    ...sinks.map(({ name, up, reason = '' }) =>
      up === undefined ? `${name} not tried yet` : up ? `${name} up` : `${name} down: ${reason}`,
    ),
    `spool ${mib(spool.heldBytes)} of ${mib(spool.maxBytes)} MiB${isFailing ? ', its disk fails' : ''}`,
  ].join('; ')
}

function isAttached({ attached }: ToolState): boolean {
  return attached
}
