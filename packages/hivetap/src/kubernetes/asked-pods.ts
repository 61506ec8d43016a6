import { type CgroupOwner, containerIdOf, podUidOf } from '../identity/cgroup-owner.js'
import type { NodePod } from './model/node-pod.js'
import type { PodSelector } from './model/select/pod-selector.js'

/** Whether somebody is of the pods that are asked for; `unknown` as long as the pod is not. */
export type Answer = 'wanted' | 'unwanted' | 'unknown'

/** The pods of this node, and which of them are asked for. */
export class AskedPods {
  readonly #selector: PodSelector
  /** By each UID that a cgroup of theirs may have. */
  readonly #pods = new Map<string, { readonly pod: NodePod; readonly isAsked: boolean }>()

  constructor(selector: PodSelector) {
    this.#selector = selector
  }

  put(pod: NodePod): void {
    const known = { pod, isAsked: this.#selector.matches(pod) }
    for (const uid of pod.cgroupUids) this.#pods.set(uid, known)
  }

  remove(pod: NodePod): void {
    // A static pod that was replaced has its UID of cgroups in the next one.
    for (const uid of pod.cgroupUids) if (this.#pods.get(uid)?.pod.uid === pod.uid) this.#pods.delete(uid)
  }

  /**
   * Whether an owner is wanted. A container that is not in its pod’s status yet is, until it is known to be another than those
   * that are asked for.
   */
  of(owner: CgroupOwner | undefined): Answer {
    if (owner === undefined) return 'unknown'
    const podUid = podUidOf(owner)
    if (podUid === undefined) return 'unwanted'
    const known = this.#pods.get(podUid)
    if (known === undefined) return 'unknown'
    return known.isAsked && this.#isAsked(known.pod, containerIdOf(owner)) ? 'wanted' : 'unwanted'
  }

  /** Whether a cgroup of a pod, or of a container in it, is wanted with all within it. */
  wantsWhole(podUid: string, containerId: string | undefined): boolean {
    const known = this.#pods.get(podUid)
    if (known?.isAsked !== true) return false
    if (containerId === undefined && this.#selector.containersOf(known.pod) !== 'all') return false
    return this.#isAsked(known.pod, containerId)
  }

  #isAsked(pod: NodePod, containerId: string | undefined): boolean {
    const asked = this.#selector.containersOf(pod)
    if (asked === 'all' || containerId === undefined) return true
    const isOf = ({ runs }: (typeof asked)[number]) => runs.some(({ id }) => id === containerId)
    return asked.some(isOf) || !pod.containers.some(isOf)
  }
}
