import type { KeepsNames } from '../identity/cgroups/kept-names.js'
import type { KeepsPrograms } from '../identity/process/kept-programs.js'
import type { AnyTool, Tool } from '../probes/tool.js'
import type { Identify } from './event-identity.js'
import type { IdentityCounters } from './identifier.js'
import type { LearnedCounts } from './learned-cgroups.js'
import type { CgroupGate } from './pod-filter.js'

/** What is followed of a tool: whose its events are, and which of them are of the pods that are wanted. */
export interface Followed<E> {
  readonly identify: Identify<E>
  /** Of what the kernel did not leave out; all is wanted without. It is asked of each event, once. */
  readonly wanted?: ((event: E) => boolean) | undefined
}

/** A tool that is attached: it names cgroups and programs, and is told which cgroups are wanted. */
export type FollowedSession = KeepsNames & KeepsPrograms & CgroupGate

/** Names of whose events are, for as long as tools run. */
export interface Names {
  /** Whether this is a node of Kubernetes: a wide table names pods there. */
  readonly namesPods: boolean
  /** Whether only some pods are wanted: tools are then opened with their filter of cgroups. */
  readonly only: boolean
  /** Whether the kernel alone can leave out the others, since all cgroups are seen here: what is only counted needs that. */
  readonly selects: boolean
  readonly counters: Readonly<IdentityCounters>
  /** What of a cluster may be of before, since its API server does not tell, with the reason; empty where all is kept up. */
  readonly away: ReadonlyMap<string, string>
  /** What the kernel was told to leave out; absent where all pods are wanted. */
  readonly learned: Readonly<LearnedCounts> | undefined
  /**
   * Goes by what a tool tells, and tells it which cgroups are wanted, or which are not, as pods come and go; until the tool is
   * closed. What the kernel leaves out is not wanted; of the rest `wanted` says what is.
   *
   * @param outlives whether the tool goes on when this process has ended: then the kernel is told only what to leave out, as nobody
   * could tell it which pods are wanted that come meanwhile. Default: false
   */
  follow<E>(
    tool: Pick<AnyTool, 'namedBy' | 'timeNs'>,
    session: FollowedSession,
    outlives?: boolean,
  ): Followed<E>
  [Symbol.dispose](): void
}

/**
 * What a tool is opened with: where only some pods are wanted, its filter of cgroups.
 *
 * @param told how: what is told by events is not left out before it is known whose it is; nobody can take that back from counts
 */
export function onlyPods<O>(options: O, names: Names | undefined, told: 'events' | 'counts' = 'events'): O {
  if (names?.only !== true) return options
  return { ...options, someCgroups: true, ...(told === 'events' ? { otherCgroups: 'told' } : {}) }
}

/**
 * Follows a tool, where names are known, and leaves out what its own options leave out too.
 *
 * @param names absent where none are asked for
 */
export function followTool<E, O>(
  tool: Pick<Tool<E, O>, 'namedBy' | 'timeNs' | 'wanted'>,
  options: O,
  session: FollowedSession,
  names: Names | undefined,
): Partial<Followed<E>> {
  const own = tool.wanted?.(options)
  if (names === undefined) return { wanted: own }
  const { identify, wanted } = names.follow<E>(tool, session)
  return { identify, wanted: bothWanted(own, wanted) }
}

function bothWanted<E>(
  one: ((event: E) => boolean) | undefined,
  other: ((event: E) => boolean) | undefined,
): ((event: E) => boolean) | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return (event) => one(event) && other(event)
}
