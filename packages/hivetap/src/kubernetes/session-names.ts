import type { CgroupKey } from '../identity/cgroups/cgroup-key.js'
import type { CgroupNameSource } from '../identity/cgroups/cgroup-name-source.js'

/** A tool that is attached, as far as it tells of cgroups. */
export interface NamingSession {
  /** The names of a cgroup and of those above it, the innermost first. */
  cgroupNames(key: bigint): readonly string[] | undefined
}

/** Names that the kernel’s programs keep: CGROUP_LEVELS of cgroup-names.h. */
const LEVELS = 5
/** Tools that are followed at most: an agent has a few, and some anew with each reload. */
const MOST = 64

/** What the kernel’s programs of all tools noted of cgroups. */
export class SessionNames implements CgroupNameSource {
  readonly #sessions = new Set<NamingSession>()

  add(session: NamingSession): void {
    this.#sessions.add(session)
    const [oldest] = this.#sessions
    if (this.#sessions.size > MOST && oldest !== undefined) this.#sessions.delete(oldest)
  }

  names(key: CgroupKey): readonly string[] | undefined {
    for (const session of this.#sessions) {
      const names = this.#ask(session, BigInt(key))
      // Of a list that is full it is not known whether it ends at the root.
      if (names !== undefined) return names.length < LEVELS ? names : [...names, '..']
    }
    return undefined
  }

  /** One that was closed meanwhile is asked no more. */
  #ask(session: NamingSession, key: bigint): readonly string[] | undefined {
    try {
      return session.cgroupNames(key)
    } catch {
      this.#sessions.delete(session)
      return undefined
    }
  }
}
