import type { Workload } from '../whose.js'
import type { ContainerKind } from './pick/containers.js'
import type { PickedPod } from './pick/pick-pod.js'

/** A container of a pod, and what ran as it: an id each time that it was started. */
export interface PodContainer {
  readonly name: string
  readonly kind: ContainerKind
  /** The newest first; the last few. */
  readonly runs: readonly ContainerRun[]
}

export interface ContainerRun {
  /** As its cgroup is named: without `containerd://`. */
  readonly id: string
  readonly image: string
}

/** A pod of this node, as it was told at last. */
export interface NodePod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Under which UIDs its cgroups may be: its own, and of a static pod that which the kubelet gave it. */
  readonly cgroupUids: readonly string[]
  readonly node: string
  readonly labels: ReadonlyMap<string, string>
  /** There were more labels than are kept: one that is missing may be there. */
  readonly labelsCut: boolean
  readonly workload: Workload
  /** All its containers are over: it has no cgroup any more. */
  readonly isOver: boolean
  readonly containers: readonly PodContainer[]
}

/** Starts of a container that are remembered: events of the last one come after the next has begun. */
const MOST_RUNS = 4

/** @param before the pod as it was told before: its containers' ids are remembered */
export function nodePodOf(pod: PickedPod, before: NodePod | undefined): NodePod {
  const { namespace, name, uid, staticUid, node, labels, labelsCut, workload, isOver } = pod
  const known = new Map(before?.containers.map((each) => [`${each.kind} ${each.name}`, each]))
  const containers = pod.containers.map(({ name, kind, image, ids }) => {
    const runs = known.get(`${kind} ${name}`)?.runs ?? []
    return { name, kind, runs: runsOf(ids, image, runs) }
  })
  const cgroupUids = staticUid === undefined ? [uid] : [uid, staticUid]
  return { namespace, name, uid, cgroupUids, node, labels, labelsCut, workload, isOver, containers }
}

function runsOf(
  ids: readonly string[],
  image: string,
  before: readonly ContainerRun[],
): readonly ContainerRun[] {
  // The status has one image, that of what was started last: of what ran before, that which was told then.
  const runs = ids.map((id) => before.find((run) => run.id === id) ?? { id, image })
  return [...runs, ...before.filter(({ id }) => !ids.includes(id))].slice(0, MOST_RUNS)
}

/** Whether they tell the same. */
export function samePods(one: NodePod, other: NodePod): boolean {
  return text(one) === text(other)
}

function text({ labels, ...pod }: NodePod): string {
  return JSON.stringify([pod, [...labels]])
}
