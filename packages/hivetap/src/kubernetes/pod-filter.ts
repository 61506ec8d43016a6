import { ClosedError } from '@hivetap/bpf'
import { type CgroupOwner, containerIdOf, podUidOf } from '../identity/cgroup-owner.js'
import type { NodePod } from './model/node-pod.js'
import type { PodSelector } from './model/select/pod-selector.js'

/** What is told which cgroups are wanted: a tool that is attached. */
export interface CgroupGate {
  wantCgroup(key: bigint): void
  unwantCgroup(key: bigint): void
  /** Those that are wanted already. */
  wantedCgroups(): readonly bigint[]
}

/** Cgroups followed at most: a node has some hundreds of pods, each of some containers. */
const MOST_CGROUPS = 16_384

/** A cgroup of a pod, or of a container in it. */
interface PodCgroup {
  readonly podUid: string
  readonly containerId: string | undefined
}

/**
 * Which cgroups are wanted, of pods that are asked for, as cgroups and pods come and go. A container that is not in its pod’s
 * status yet is told until it is known to be another than those that are asked for.
 */
export class PodFilter {
  readonly #selector: PodSelector
  readonly #gates = new Set<CgroupGate>()
  readonly #cgroups = new Map<bigint, PodCgroup>()
  /** Pods that are asked for, by each UID that a cgroup of theirs may have. */
  readonly #pods = new Map<string, NodePod>()
  readonly #wanted = new Set<bigint>()
  /** Cgroups that were not followed, since there are too many. */
  overflow = 0

  constructor(selector: PodSelector) {
    this.#selector = selector
  }

  /**
   * Whether the cgroups of all these pods have been seen, as far as they run. In a pod without the host’s cgroups that is its own
   * alone: then the kernel cannot leave out others.
   */
  sees(pods: Iterable<NodePod>): boolean {
    const seen = new Set([...this.#cgroups.values()].map(({ podUid }) => podUid))
    for (const { containers, cgroupUids, isOver } of pods) {
      const runs = !isOver && containers.some((each) => each.runs.length > 0)
      if (runs && !cgroupUids.some((uid) => seen.has(uid))) return false
    }
    return true
  }

  /** Tells a tool which cgroups are wanted, until it is closed. */
  admit(gate: CgroupGate): void {
    for (const key of gate.wantedCgroups()) if (!this.#wanted.has(key)) gate.unwantCgroup(key)
    for (const key of this.#wanted) gate.wantCgroup(key)
    this.#gates.add(gate)
  }

  cgroupMade(key: bigint, owner: CgroupOwner): void {
    const podUid = podUidOf(owner)
    if (podUid === undefined || this.#cgroups.has(key)) return
    if (this.#cgroups.size >= MOST_CGROUPS) {
      this.overflow++
      return
    }
    const cgroup = { podUid, containerId: containerIdOf(owner) }
    this.#cgroups.set(key, cgroup)
    this.#set(key, this.#isWanted(cgroup))
  }

  cgroupRemoved(key: bigint): void {
    if (this.#cgroups.delete(key)) this.#set(key, false)
  }

  podPut(pod: NodePod): void {
    const isAsked = this.#selector.matches(pod)
    for (const uid of pod.cgroupUids) {
      if (isAsked) this.#pods.set(uid, pod)
      else this.#pods.delete(uid)
    }
    this.#look(pod)
  }

  podRemoved(pod: NodePod): void {
    for (const uid of pod.cgroupUids) this.#pods.delete(uid)
    this.#look(pod)
  }

  /** Whether what is told of an owner is wanted: what the kernel could not leave out. */
  wants(owner: CgroupOwner | undefined): boolean {
    const podUid = owner === undefined ? undefined : podUidOf(owner)
    if (owner === undefined || podUid === undefined) return false
    const pod = this.#pods.get(podUid)
    return pod !== undefined && this.#isAsked(pod, containerIdOf(owner))
  }

  #look(pod: NodePod): void {
    for (const [key, cgroup] of this.#cgroups)
      if (pod.cgroupUids.includes(cgroup.podUid)) this.#set(key, this.#isWanted(cgroup))
  }

  #isWanted({ podUid, containerId }: PodCgroup): boolean {
    const pod = this.#pods.get(podUid)
    if (pod === undefined) return false
    // A pod's own cgroup stands for all within it.
    if (containerId === undefined && this.#selector.containersOf(pod) !== 'all') return false
    return this.#isAsked(pod, containerId)
  }

  #isAsked(pod: NodePod, containerId: string | undefined): boolean {
    const asked = this.#selector.containersOf(pod)
    if (asked === 'all' || containerId === undefined) return true
    const isOf = ({ runs }: (typeof asked)[number]) => runs.some(({ id }) => id === containerId)
    return asked.some(isOf) || !pod.containers.some(isOf)
  }

  /** A tool that was closed meanwhile is told no more. */
  #tell(gate: CgroupGate, key: bigint, isWanted: boolean): void {
    try {
      if (isWanted) gate.wantCgroup(key)
      else gate.unwantCgroup(key)
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error
      this.#gates.delete(gate)
    }
  }

  #set(key: bigint, isWanted: boolean): void {
    if (this.#wanted.has(key) === isWanted) return
    if (isWanted) this.#wanted.add(key)
    else this.#wanted.delete(key)
    for (const gate of this.#gates) this.#tell(gate, key, isWanted)
  }
}
