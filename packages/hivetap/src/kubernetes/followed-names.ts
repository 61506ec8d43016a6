import type { CgroupResolver } from '../identity/cgroups/cgroup-resolver.js'
import type { KeptNames } from '../identity/cgroups/kept-names.js'
import type { ProcessSource } from '../identity/process/process-identity.js'
import type { AnyTool } from '../probes/tool.js'
import type { ClusterWatch } from './cluster-watch.js'
import { CoarseClock } from './event-clock.js'
import { Identifier, type IdentityCounters } from './identifier.js'
import type { Followed, FollowedSession, Names } from './names.js'
import type { PodFilter } from './pod-filter.js'

/** What names are put together of. */
export interface NamesParts {
  readonly resolver: CgroupResolver
  readonly processes: ProcessSource
  /** Absent outside Kubernetes. */
  readonly cluster: ClusterWatch | undefined
  readonly sessions: KeptNames
  /** Absent where all is wanted. */
  readonly filter: PodFilter | undefined
  readonly close: () => void
}

/** Names, from the kernel’s programs, the host and the cluster. */
export class FollowedNames implements Names {
  readonly namesPods: boolean
  readonly selects: boolean
  readonly #parts: NamesParts
  readonly #identifier: Identifier

  constructor(parts: NamesParts) {
    const { resolver, processes, cluster, filter } = parts
    this.#parts = parts
    this.namesPods = cluster !== undefined
    this.selects = filter?.sees(cluster?.names.pods() ?? []) === true
    this.#identifier = new Identifier(resolver, processes, cluster?.names, new CoarseClock())
  }

  get counters(): Readonly<IdentityCounters> {
    return this.#identifier.counters
  }

  get away(): ReadonlyMap<string, string> {
    return this.#parts.cluster?.away() ?? new Map()
  }

  follow<E>(tool: Pick<AnyTool, 'namedBy' | 'timeNs'>, session: FollowedSession): Followed<E> {
    const { sessions, filter } = this.#parts
    sessions.add(session)
    const identify = this.#identifier.of<E>(tool)
    if (filter === undefined) return { identify }
    if (this.selects) filter.admit(session)
    return { identify, wanted: (event) => filter.wants(identify(event).source?.owner) }
  }

  [Symbol.dispose](): void {
    this.#parts.close()
  }
}
