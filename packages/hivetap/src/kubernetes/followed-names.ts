import type { CgroupResolver } from '../identity/cgroups/cgroup-resolver.js'
import type { KeptNames } from '../identity/cgroups/kept-names.js'
import type { KeptPrograms } from '../identity/process/kept-programs.js'
import type { ProcessSource } from '../identity/process/process-identity.js'
import type { AnyTool } from '../probes/tool.js'
import type { ClusterWatch } from './cluster-watch.js'
import { CoarseClock } from './event-clock.js'
import { Identifier, type IdentityCounters } from './identifier.js'
import type { LearnedCounts } from './learned-cgroups.js'
import type { Followed, FollowedSession, Names } from './names.js'
import type { PodFilter } from './pod-filter.js'

/** What names are put together of. */
export interface NamesParts {
  readonly resolver: CgroupResolver
  readonly processes: ProcessSource
  /** Absent outside Kubernetes. */
  readonly cluster: ClusterWatch | undefined
  readonly sessions: KeptNames
  readonly programs: KeptPrograms
  /** Absent where all is wanted. */
  readonly filter: PodFilter | undefined
  readonly close: () => void
}

/** Names, from the kernel’s programs, the host and the cluster. */
export class FollowedNames implements Names {
  readonly namesPods: boolean
  readonly only: boolean
  readonly selects: boolean
  readonly #parts: NamesParts
  readonly #identifier: Identifier

  constructor(parts: NamesParts) {
    const { resolver, processes, cluster, filter } = parts
    this.#parts = parts
    this.namesPods = cluster !== undefined
    this.only = filter !== undefined
    this.selects = filter?.sees(cluster?.names.pods() ?? []) === true
    this.#identifier = new Identifier(resolver, processes, cluster?.names, new CoarseClock())
  }

  get counters(): Readonly<IdentityCounters> {
    return this.#identifier.counters
  }

  get away(): ReadonlyMap<string, string> {
    return this.#parts.cluster?.away() ?? new Map()
  }

  get learned(): Readonly<LearnedCounts> | undefined {
    return this.#parts.filter?.learned
  }

  follow<E>(
    tool: Pick<AnyTool, 'namedBy' | 'timeNs'>,
    session: FollowedSession,
    outlives = false,
  ): Followed<E> {
    const { sessions, programs, filter, resolver } = this.#parts
    sessions.add(session)
    programs.add(session)
    const identify = this.#identifier.of<E>(tool)
    if (filter === undefined) return { identify }
    let sawUnwanted: ReturnType<PodFilter['learn']> | undefined
    if (this.selects && !outlives) filter.admit(session)
    else sawUnwanted = filter.learn(session)
    const wanted = (event: E) => {
      const answer = filter.answer(identify(event).source?.owner)
      if (answer === 'unwanted' && sawUnwanted !== undefined) {
        const key = tool.namedBy.cgroup(event)
        sawUnwanted(key, () => resolver.sureOwnerOf(key))
      }
      return answer === 'wanted'
    }
    return { identify, wanted }
  }

  [Symbol.dispose](): void {
    this.#parts.close()
  }
}
