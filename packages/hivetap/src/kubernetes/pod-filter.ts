import { ClosedError } from '@hivetap/bpf'
import { type CgroupOwner, containerIdOf, podUidOf } from '../identity/cgroup-owner.js'
import { type Answer, AskedPods } from './asked-pods.js'
import { LearnedCgroups, type LearnedCounts, type LearningGate } from './learned-cgroups.js'
import type { NodePod } from './model/node-pod.js'
import type { PodSelector } from './model/select/pod-selector.js'

/** What is told which cgroups are wanted: a tool that is attached. */
export interface CgroupGate extends LearningGate {
  wantCgroup(key: bigint): void
}

/** Cgroups followed at most: a node has some hundreds of pods, each of some containers. */
const MOST_CGROUPS = 16_384
/** Tools that learn at most: an agent has a few, and those anew with each reload. */
const MOST_LEARNING = 64

/** A cgroup of a pod, or of a container in it. */
interface PodCgroup {
  readonly podUid: string
  readonly containerId: string | undefined
}

/**
 * Which cgroups are wanted, of pods that are asked for, as cgroups and pods come and go. A tool is told of those that are, where
 * all cgroups are seen; else it learns which are not.
 */
export class PodFilter {
  readonly #asked: AskedPods
  readonly #gates = new Set<CgroupGate>()
  readonly #learning = new Map<LearningGate, LearnedCgroups>()
  readonly #cgroups = new Map<bigint, PodCgroup>()
  readonly #wanted = new Set<bigint>()
  readonly #learned: LearnedCounts = { learned: 0, evicted: 0, refused: 0 }
  /** Cgroups that were not followed, since there are too many. */
  overflow = 0

  constructor(selector: PodSelector) {
    this.#asked = new AskedPods(selector)
  }

  get learned(): Readonly<LearnedCounts> {
    return this.#learned
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

  /** Tells a tool which cgroups are wanted, until it is closed: what is in others is left out. */
  admit(gate: CgroupGate): void {
    for (const key of gate.leftOutCgroups()) gate.forgetCgroup(key)
    for (const key of gate.wantedCgroups()) if (!this.#wanted.has(key)) gate.forgetCgroup(key)
    for (const key of this.#wanted) gate.wantCgroup(key)
    gate.tellOtherCgroups(false)
    this.#gates.add(gate)
  }

  /**
   * Has a tool tell of all cgroups, but for those of which it has told and should not have.
   *
   * @returns what is to be told of events that were left out, with whose the cgroup surely is
   */
  learn(gate: LearningGate): (key: bigint, sureOwner: () => CgroupOwner | undefined) => void {
    const learned = new LearnedCgroups(gate, (owner) => this.#asked.of(owner), this.#learned)
    this.#learning.set(gate, learned)
    const [oldest] = this.#learning
    if (this.#learning.size > MOST_LEARNING && oldest !== undefined) {
      this.#whileOpen(oldest[0], () => oldest[1].forgetAll())
      this.#learning.delete(oldest[0])
    }
    return (key, sureOwner) => {
      if (this.#learning.has(gate)) this.#whileOpen(gate, () => learned.sawUnwanted(key, sureOwner))
    }
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
    this.#eachLearning((learned) => learned.cgroupRemoved(key))
  }

  podPut(pod: NodePod): void {
    this.#asked.put(pod)
    this.#look(pod)
  }

  podRemoved(pod: NodePod): void {
    this.#asked.remove(pod)
    this.#look(pod)
  }

  /** Whether what is told of an owner is wanted: what the kernel could not leave out. */
  answer(owner: CgroupOwner | undefined): Answer {
    return this.#asked.of(owner)
  }

  #look(pod: NodePod): void {
    for (const [key, cgroup] of this.#cgroups)
      if (pod.cgroupUids.includes(cgroup.podUid)) this.#set(key, this.#isWanted(cgroup))
    this.#eachLearning((learned) => learned.podChanged(pod))
  }

  /** A pod's own cgroup stands for all within it. */
  #isWanted({ podUid, containerId }: PodCgroup): boolean {
    return this.#asked.wantsWhole(podUid, containerId)
  }

  #eachLearning(run: (learned: LearnedCgroups) => void): void {
    for (const [gate, learned] of this.#learning) this.#whileOpen(gate, () => run(learned))
  }

  /** A tool that was closed meanwhile is told no more. */
  #whileOpen(gate: LearningGate, run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error
      this.#gates.delete(gate as CgroupGate)
      this.#learning.delete(gate)
    }
  }

  #set(key: bigint, isWanted: boolean): void {
    if (this.#wanted.has(key) === isWanted) return
    if (isWanted) this.#wanted.add(key)
    else this.#wanted.delete(key)
    for (const gate of this.#gates)
      this.#whileOpen(gate, () => (isWanted ? gate.wantCgroup(key) : gate.forgetCgroup(key)))
  }
}
