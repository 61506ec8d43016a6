/** What runs a pod, at the top of its owners: a Deployment rather than its ReplicaSet. */
export interface Workload {
  /** `Deployment`, `StatefulSet`, `DaemonSet`, `Job`, `CronJob`, `ReplicaSet` without owner, `Pod` alone, or another. */
  readonly kind: string
  readonly name: string
}

/** A pod, and the container of it if that is known. */
export interface PodIdentity {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** The node that it is on. */
  readonly node: string
  /** Those labels that were asked for. */
  readonly labels: Readonly<Record<string, string>>
  readonly workload: Workload
  /** Absent in the pod's sandbox, and where the container is not in the pod's status yet. */
  readonly container?: { readonly name: string; readonly image: string }
}

/** Whose an address and port were at a time. */
export interface FarEnd {
  /** The Service that was asked for: by its own address, or the only one whose backend it is. */
  readonly service?: { readonly namespace: string; readonly name: string; readonly portName?: string }
  /** The pod at the address: the backend itself, or that which a Service's address was translated to. */
  readonly pod?: { readonly namespace: string; readonly name: string; readonly uid?: string }
  /** The node at the address: its own, also for pods in the host's network. */
  readonly node?: string
}

/** Names of what a cluster holds, each as of a time: an address or a name that was given anew is not taken for its last owner. */
export interface ClusterNames {
  /**
   * A pod of this node, by its UID. The same object as long as it tells the same: texts are made once for each.
   *
   * @param containerId picks the container
   * @param timeMs when it did what is told, milliseconds since 1970
   */
  podOf(podUid: string, containerId: string | undefined, timeMs: number): PodIdentity | undefined
  /** Whose an address (as events have it: IPv4 within IPv6 written `::ffff:a.b.c.d`) and port were. */
  farEnd(address: string, port: number, timeMs: number): FarEnd | undefined
}
