import { type CgroupOwner, containerIdOf, podUidOf } from '../identity/cgroup-owner.js'
import type { ProcessIdentity, ProcessSource } from '../identity/process/process-identity.js'
import type { ProcessMark } from '../probes/processes/process-mark.js'
import type { NamedBy } from '../probes/tool.js'
import type { EventIdentity, Identify, SourceIdentity } from './event-identity.js'
import { isUnresolved } from './identity-fields.js'
import type { ClusterNames, FarEnd, PodIdentity } from './whose.js'

/** Tells whose a process is by its cgroup. */
export interface OwnerSource {
  /**
   * @param cgroup as the event names it
   * @param timeNs when it was seen, nanoseconds of CLOCK_MONOTONIC
   */
  ownerOf(cgroup: bigint, pid: number, timeNs: number): CgroupOwner | undefined
}

/** Turns times of CLOCK_MONOTONIC into those since 1970. */
export interface EventClock {
  /** Measures the distance between the clocks anew. */
  measure(): void
  milliseconds(monotonicNs: number): number
}

/** How far events go on before the clocks are measured anew. */
const MEASURED_FOR_NS = 1e9

/** What became of the events whose names were asked for. */
export interface IdentityCounters {
  /** Events that were asked about. */
  events: number
  /** Of these, those of a process whose program could not be told, of tools that tell it. */
  unknownProgram: number
  /** Those whose cgroup could not be told. */
  unknownCgroup: number
  /** Those of a pod whose names are not known: the API server is away, or has not told of it yet. */
  unresolvedPod: number
}

/** Puts together whose an event is: its cgroup’s owner, the pod’s names, and what the cluster knows of the far end. */
export class Identifier {
  readonly counters: IdentityCounters = {
    events: 0,
    unknownProgram: 0,
    unknownCgroup: 0,
    unresolvedPod: 0,
  }
  readonly #owners: OwnerSource
  readonly #cluster: ClusterNames | undefined
  readonly #processes: ProcessSource
  readonly #clock: EventClock
  #measuredAtNs = Number.NEGATIVE_INFINITY
  readonly #sources = new WeakMap<object, SourceIdentity>()

  /** @param cluster absent outside Kubernetes */
  constructor(
    owners: OwnerSource,
    processes: ProcessSource,
    cluster: ClusterNames | undefined,
    clock: EventClock,
  ) {
    this.#owners = owners
    this.#processes = processes
    this.#cluster = cluster
    this.#clock = clock
  }

  /** Tells of a tool’s events. An event that is asked about again, for another column of its row, costs nothing. */
  of<E>({
    namedBy,
    timeNs,
  }: {
    readonly namedBy: NamedBy<E>
    readonly timeNs: (event: E) => number
  }): Identify<E> {
    const { pid, process, cgroup, address, port, beganNs = timeNs } = namedBy
    const identity: {
      process: ProcessIdentity | undefined
      source: SourceIdentity | undefined
      farEnd: FarEnd | undefined
    } = {
      process: undefined,
      source: undefined,
      farEnd: undefined,
    }
    let last: E | undefined
    return (event): EventIdentity => {
      if (event === last) return identity
      last = event
      const ns = timeNs(event)
      if (process !== undefined) identity.process = this.#process(pid(event), process(event), ns)
      identity.source = this.#source(cgroup(event), pid(event), ns)
      if (address !== undefined && port !== undefined)
        identity.farEnd = this.#cluster?.farEnd(
          address(event),
          port(event),
          this.#milliseconds(beganNs(event)),
        )
      return identity
    }
  }

  /** When it happened, milliseconds since 1970. */
  #milliseconds(timeNs: number): number {
    if (timeNs - this.#measuredAtNs > MEASURED_FOR_NS) {
      this.#clock.measure()
      this.#measuredAtNs = timeNs
    }
    return this.#clock.milliseconds(timeNs)
  }

  #process(pid: number, mark: ProcessMark, timeNs: number): ProcessIdentity | undefined {
    const process = this.#processes.of(pid, mark, timeNs)
    if (process?.executable === undefined) this.counters.unknownProgram++
    return process
  }

  #source(cgroup: bigint, pid: number, timeNs: number): SourceIdentity | undefined {
    const { counters } = this
    counters.events++
    const owner = this.#owners.ownerOf(cgroup, pid, timeNs)
    if (owner === undefined) {
      counters.unknownCgroup++
      return undefined
    }
    const source = this.#named(owner, timeNs)
    if (isUnresolved(source)) counters.unresolvedPod++
    return source
  }

  /** The same object for the same names, as long as whoever told them gives the same. */
  #named(owner: CgroupOwner, timeNs: number): SourceIdentity {
    const pod = this.#podOf(owner, timeNs)
    const by = pod ?? owner
    const known = this.#sources.get(by)
    if (known?.owner === owner) return known
    const source = pod === undefined ? { owner } : { owner, pod }
    this.#sources.set(by, source)
    return source
  }

  #podOf(owner: CgroupOwner, timeNs: number): PodIdentity | undefined {
    const podUid = podUidOf(owner)
    if (podUid === undefined || this.#cluster === undefined) return undefined
    return this.#cluster.podOf(podUid, containerIdOf(owner), this.#milliseconds(timeNs))
  }
}
