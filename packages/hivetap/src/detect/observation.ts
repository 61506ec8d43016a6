import type { Cause } from '../probes/connects/cause.js'
import type { EventName } from './event-id.js'
import type { ConnectSummary } from './summary/connect-summary.js'

/** How a connect ended, as the tools say it; `unknown` if what it was read from does not tell. */
export const OUTCOMES = [
  'connected',
  'refused',
  'timed_out',
  'unreachable',
  'reset',
  'abandoned',
  'failed',
  'stuck',
  'unknown',
] as const
export type Outcome = (typeof OUTCOMES)[number]

/**
 * A connect as detection sees it, wherever it was read. Readers make one a connect and give it away at once: whoever wants to
 * keep it copies it, since a reader may fill the same one again.
 */
export interface Observation extends EventName {
  /** When it ended, or was last seen hanging: microseconds since 1970. A number holds them exactly until the year 2255. */
  timeUs: number
  /**
   * Which of the streams that are read side by side it comes from: a partition of a topic, else 0. Times advance in each by
   * itself.
   */
  stream: number
  /** Microseconds; -1 if what it was read from does not tell. For a stuck connect: so far. */
  latencyUs: number
  outcome: Outcome
  cause: Cause
  /** Node; empty if it is not known. So are the next. */
  host: string
  comm: string
  /** 0 if it is not known. */
  pid: number
  /** Workload that connects: of Kubernetes where that is known, else COMM. */
  source: string
  /** What it connects to: a service where that is known, else address:port, of IPv6 [address]:port. */
  destination: string
  /** For how many connects it stands: more than 1 with --sample. */
  weight: number
  /** The connects that it stands for, told together: whoever counts takes `eachPart` of it. `undefined` for a single one. */
  summary: ConnectSummary | undefined
  /** Whether it is a part of a summary that was not told by itself: it counts, and cannot be shown. */
  isPart: boolean
}

/** An empty one, to be filled. */
export function emptyObservation(): Observation {
  return {
    timeUs: 0,
    stream: 0,
    eventId: '',
    epoch: '',
    sequence: -1,
    latencyUs: -1,
    outcome: 'unknown',
    cause: 'unknown',
    host: '',
    comm: '',
    pid: 0,
    source: '',
    destination: '',
    weight: 1,
    summary: undefined,
    isPart: false,
  }
}

/** Given each connect that is read. What it is given is filled anew afterwards. */
export type TakeObservation = (observation: Observation) => void
