import type { PodIdentity } from '../whose.js'
import type { AddressTenure } from './backends.js'
import { GonePods } from './gone-pods.js'
import { Listing } from './listing.js'
import { type NodePod, nodePodOf, samePods } from './node-pod.js'
import type { PickedPod } from './pick/pick-pod.js'
import { PodAddresses } from './pod-addresses.js'
import type { TenureBook } from './time/tenure-book.js'
import type { Heard } from './time/watch-clock.js'

/** What became of a pod of this node. */
export interface PodChange {
  /** `put`: it is new, or its labels or containers are others than before. */
  readonly kind: 'put' | 'removed'
  readonly pod: NodePod
}

export interface PodsOptions {
  /** Labels that identities have. */
  readonly labels: readonly string[]
  /** How long pods that are gone stay known, milliseconds. */
  readonly ageMs: number
  /** How many of them. */
  readonly gone: number
}

/** A kubelet is made for 110, and takes some hundreds. */
const MOST = 4096

/** Pods of this node, by UID. */
export class Pods {
  readonly listing: Listing<PickedPod>
  readonly gone: GonePods
  readonly #labels: readonly string[]
  readonly #addresses: PodAddresses
  readonly #byUid = new Map<string, NodePod>()
  /** Live ones and gone ones, by each UID that a cgroup of theirs may have. */
  readonly #byCgroupUid = new Map<string, NodePod>()
  /** What was found of a pod as it was told at last, by the container's id. */
  readonly #identities = new WeakMap<NodePod, Map<string | undefined, PodIdentity>>()
  readonly #listeners = new Set<(change: PodChange) => void>()

  /** @param book of addresses, shared with the backends of Services */
  constructor(options: PodsOptions, book: TenureBook<AddressTenure>, now: () => number) {
    this.#labels = options.labels
    this.gone = new GonePods(options.ageMs, options.gone)
    this.#addresses = new PodAddresses(book)
    this.listing = new Listing(
      {
        keyOf: ({ uid }) => uid,
        put: (pod, heard) => this.#put(pod, heard),
        remove: (uid, heard) => this.#remove(uid, heard),
      },
      MOST,
      now,
    )
  }

  /** Those that are there. */
  all(): IterableIterator<NodePod> {
    return this.#byUid.values()
  }

  /** @returns what ends the listening */
  onChange(listener: (change: PodChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * A pod that is there, or was a while ago. UIDs and ids of containers are given once, so that no time is needed. Each event
   * asks: what is found is made once, and is the same object until the pod is told anew.
   */
  find(podUid: string, containerId: string | undefined): PodIdentity | undefined {
    const pod = this.#byCgroupUid.get(plainUid(podUid))
    return pod === undefined ? undefined : this.#identityOf(pod, containerId)
  }

  /** Drops gone pods that are past their age. */
  forget(nowMs: number): void {
    for (const dropped of this.gone.forget(nowMs)) this.#forget(dropped)
  }

  #identityOf(pod: NodePod, containerId: string | undefined): PodIdentity {
    let found = this.#identities.get(pod)
    if (found === undefined) {
      found = new Map()
      this.#identities.set(pod, found)
    }
    const known = found.get(containerId)
    if (known !== undefined) return known
    const container = containerId === undefined ? undefined : containerOf(pod, containerId)
    // Ids that the pod does not have are not kept: of those there is no end.
    if (containerId !== undefined && container === undefined) return this.#identityOf(pod, undefined)
    const { namespace, name, uid, node, workload } = pod
    const identity: PodIdentity = {
      namespace,
      name,
      uid,
      node,
      labels: this.#labelsOf(pod),
      workload,
      ...(container === undefined ? {} : { container }),
    }
    found.set(containerId, identity)
    return identity
  }

  #labelsOf({ labels }: NodePod): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#labels.flatMap((key) => {
        const value = labels.get(key)
        return value === undefined ? [] : [[key, value]]
      }),
    )
  }

  #put(picked: PickedPod, heard: Heard): void {
    this.#addresses.put(picked, heard)
    const { uid } = picked
    const before = this.#byUid.get(uid)
    const pod = nodePodOf(picked, before ?? this.gone.take(uid))
    this.#byUid.set(uid, pod)
    if (before !== undefined) this.#forget(before)
    for (const each of pod.cgroupUids) this.#byCgroupUid.set(plainUid(each), pod)
    if (before === undefined || !samePods(before, pod)) this.#tell({ kind: 'put', pod })
  }

  #remove(uid: string, heard: Heard): void {
    this.#addresses.remove(uid, heard)
    const pod = this.#byUid.get(uid)
    if (pod === undefined) return
    this.#byUid.delete(uid)
    for (const dropped of this.gone.add(pod, heard.at)) this.#forget(dropped)
    this.#tell({ kind: 'removed', pod })
  }

  #forget(pod: NodePod): void {
    for (const each of pod.cgroupUids) {
      const uid = plainUid(each)
      // A static pod's image is made anew under the kubelet's same UID.
      if (this.#byCgroupUid.get(uid) === pod) this.#byCgroupUid.delete(uid)
    }
  }

  #tell(change: PodChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

function containerOf({ containers }: NodePod, id: string): PodIdentity['container'] {
  for (const { name, runs } of containers) {
    const run = runs.find((each) => each.id === id)
    if (run !== undefined) return { name, image: run.image }
  }
  return undefined
}

/** Static pods' UIDs are written without dashes, and with them where a cgroup's name was read as a UUID. */
function plainUid(uid: string): string {
  return uid.replaceAll('-', '').toLowerCase()
}
