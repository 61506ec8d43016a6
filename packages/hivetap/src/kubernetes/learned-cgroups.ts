import { SystemCallError } from '@hivetap/bpf'
import { type CgroupOwner, podUidOf } from '../identity/cgroup-owner.js'
import type { CgroupAccess } from '../probes/tool-cgroups.js'
import type { Answer } from './asked-pods.js'
import type { NodePod } from './model/node-pod.js'

/** A tool that can leave out cgroups in the kernel. */
export type LearningGate = Pick<
  CgroupAccess,
  'leaveOutCgroup' | 'forgetCgroup' | 'tellOtherCgroups' | 'wantedCgroups' | 'leftOutCgroups' | 'cgroupRoom'
>

/** What tools were told to leave out, all together. */
export interface LearnedCounts {
  /** Times that a cgroup was given to the kernel to be left out. */
  learned: number
  /** Of these, those that were taken back since others needed the room: their events come to user space again. */
  evicted: number
  /** Times that the kernel did not take one: its events go on to be left out in user space. */
  refused: number
}

/**
 * The cgroups that a tool leaves out in the kernel, learned from its events: of each the first few come to user space, which
 * leaves them out, and has the kernel do so from then on. So nothing needs to be known of cgroups beforehand. What is not
 * said to be left out is told, and user space has the last word.
 *
 * A cgroup is left out only while it is sure whose it is, and that this one is not wanted. The kernel gives no key twice: what is
 * said of one whose cgroup is gone does no harm.
 */
export class LearnedCgroups {
  readonly #gate: LearningGate
  readonly #answer: (owner: CgroupOwner) => Answer
  readonly #counts: LearnedCounts
  readonly #room: number
  /** Those that are left out, the first learned first. */
  readonly #owners = new Map<bigint, CgroupOwner>()

  /**
   * Takes back all that was said before: by a process that may have been asked for other pods.
   *
   * @throws {SystemCallError} {ClosedError}
   */
  constructor(gate: LearningGate, answer: (owner: CgroupOwner) => Answer, counts: LearnedCounts) {
    this.#gate = gate
    this.#answer = answer
    this.#counts = counts
    this.#room = gate.cgroupRoom()
    gate.tellOtherCgroups(true)
    for (const key of [...gate.wantedCgroups(), ...gate.leftOutCgroups()]) gate.forgetCgroup(key)
  }

  /** Cgroups that the kernel leaves out. */
  get size(): number {
    return this.#owners.size
  }

  /**
   * An event of a cgroup was left out.
   *
   * @param sureOwner whose the cgroup is, whatever the process; `undefined` if that is not sure
   * @throws {SystemCallError} {ClosedError}
   */
  sawUnwanted(key: bigint, sureOwner: () => CgroupOwner | undefined): void {
    if (key === 0n || this.#owners.has(key)) return
    const owner = sureOwner()
    if (owner === undefined || this.#answer(owner) !== 'unwanted') return
    this.#makeRoom()
    if (!this.#leaveOut(key)) {
      this.#counts.refused++
      return
    }
    this.#owners.set(key, owner)
    this.#counts.learned++
  }

  /** A pod is otherwise than before, or gone: what is not unwanted any more is told. @throws {SystemCallError} {ClosedError} */
  podChanged({ cgroupUids }: Pick<NodePod, 'cgroupUids'>): void {
    for (const [key, owner] of this.#owners) {
      const podUid = podUidOf(owner)
      const isOfPod = podUid !== undefined && cgroupUids.includes(podUid)
      if (isOfPod && this.#answer(owner) !== 'unwanted') this.#forget(key)
    }
  }

  /** @throws {SystemCallError} {ClosedError} */
  cgroupRemoved(key: bigint): void {
    if (this.#owners.has(key)) this.#forget(key)
  }

  /** Has all told: nobody follows any more whether it is to be. @throws {SystemCallError} {ClosedError} */
  forgetAll(): void {
    for (const key of this.#owners.keys()) this.#forget(key)
  }

  #makeRoom(): void {
    const [oldest] = this.#owners.keys()
    if (oldest === undefined || this.#owners.size < this.#room) return
    this.#forget(oldest)
    this.#counts.evicted++
  }

  /** It is only for speed: what the kernel does not take is left out behind it. */
  #leaveOut(key: bigint): boolean {
    try {
      return this.#gate.leaveOutCgroup(key)
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error
      return false
    }
  }

  #forget(key: bigint): void {
    this.#gate.forgetCgroup(key)
    this.#owners.delete(key)
  }
}
