import type { NodePod } from './node-pod.js'

interface Gone {
  readonly pod: NodePod
  readonly atMs: number
}

/** Pods that are gone, for a while: events of them come after. */
export class GonePods {
  readonly #ageMs: number
  readonly #most: number
  /** The longest gone first. */
  readonly #byUid = new Map<string, Gone>()
  /** Forgotten before their time: there were more than the bound. */
  evicted = 0

  constructor(ageMs: number, most: number) {
    this.#ageMs = ageMs
    this.#most = most
  }

  get size(): number {
    return this.#byUid.size
  }

  add(pod: NodePod, nowMs: number): readonly NodePod[] {
    this.#byUid.delete(pod.uid)
    this.#byUid.set(pod.uid, { pod, atMs: nowMs })
    return this.forget(nowMs)
  }

  /** Takes out a pod that is there after all. */
  take(uid: string): NodePod | undefined {
    const pod = this.#byUid.get(uid)?.pod
    this.#byUid.delete(uid)
    return pod
  }

  /**
   * Drops what is past its age or over the bound.
   *
   * @returns what was dropped
   */
  forget(nowMs: number): readonly NodePod[] {
    const dropped: NodePod[] = []
    for (const { pod, atMs } of this.#byUid.values()) {
      const isOld = atMs + this.#ageMs <= nowMs
      if (!isOld && this.#byUid.size <= this.#most) break
      if (!isOld) this.evicted++
      this.#byUid.delete(pod.uid)
      dropped.push(pod)
    }
    return dropped
  }
}
