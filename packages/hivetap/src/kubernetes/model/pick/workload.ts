import type { JsonObject } from '../../../stream/json-object.js'
import type { Workload } from '../../whose.js'
import { nameOf, objectsOf, wordOf } from './fields.js'

/** How long before a pod of it a Job's time can lie, minutes: a pod is made anew while its Job tries again. */
const LATE_MINUTES = 7 * 24 * 60
/** Clocks of controller and API server differ. */
const EARLY_MINUTES = 2
/** Characters of a CronJob's name at most: the API keeps the rest of a Job's 63 for the time. */
const MOST_CRON_NAME = 52

/** What of a pod tells its workload. */
export interface PodOwner {
  readonly podName: string
  /** Whether the pod is the image of one that the kubelet runs from a file. */
  readonly isStatic: boolean
  readonly labels: ReadonlyMap<string, string>
  readonly createdMs: number | undefined
  readonly ownerReferences: unknown
}

/**
 * What runs a pod, at the top of its owners.
 *
 * A pod names only its nearest owner. Who owns that is told without asking, so that no right on ReplicaSets and Jobs is needed:
 *
 * - A Deployment makes ReplicaSets named `<deployment>-<hash>`, and gives their pods the hash as the label
 *   `pod-template-hash`. A ReplicaSet whose name ends with its pods' label is one of a Deployment. Argo's Rollout does the same
 *   with a label of its own.
 * - A CronJob makes Jobs named `<cronjob>-<minutes since 1970>`. A Job is taken for one of a CronJob if these minutes are of the
 *   time at which its pod was made: `backup-20261128` is a date, and was named by hand.
 *
 * A static pod belongs to its node in the API's eyes; to people it is a workload of its own.
 */
export function workloadOf(pod: PodOwner): Workload {
  const alone = { kind: 'Pod', name: pod.podName }
  if (pod.isStatic) return alone
  const controller = objectsOf(pod.ownerReferences, 64).find((reference) => reference['controller'] === true)
  if (controller === undefined) return alone
  const kind = kindOf(controller)
  const name = nameOf(controller['name'])
  if (kind === undefined || name === undefined) return alone
  if (isOf(controller, 'apps', 'ReplicaSet')) return ofReplicaSet(name, pod.labels)
  if (isOf(controller, 'batch', 'Job')) return ofJob(name, pod.createdMs)
  return kind === 'Node' ? alone : { kind, name }
}

function ofReplicaSet(name: string, labels: ReadonlyMap<string, string>): Workload {
  const deployment = without(name, labels.get('pod-template-hash'))
  if (deployment !== undefined) return { kind: 'Deployment', name: deployment }
  const rollout = without(name, labels.get('rollouts-pod-template-hash'))
  if (rollout !== undefined) return { kind: 'Rollout', name: rollout }
  return { kind: 'ReplicaSet', name }
}

/** A name without `-<hash>` at its end. */
function without(name: string, hash: string | undefined): string | undefined {
  if (hash === undefined || hash === '') return undefined
  return name.endsWith(`-${hash}`) ? nameOf(name.slice(0, -hash.length - 1)) : undefined
}

function ofJob(name: string, createdMs: number | undefined): Workload {
  const job = { kind: 'Job', name }
  const { cron, minutes } = /^(?<cron>.+)-(?<minutes>[1-9]\d{7})$/.exec(name)?.groups ?? {}
  if (cron === undefined || createdMs === undefined || cron.length > MOST_CRON_NAME) return job
  const before = createdMs / 60_000 - Number(minutes)
  const fits = before >= -EARLY_MINUTES && before <= LATE_MINUTES
  return fits && nameOf(cron) !== undefined ? { kind: 'CronJob', name: cron } : job
}

function kindOf(reference: JsonObject): string | undefined {
  const kind = wordOf(reference['kind'], 63)
  return kind !== undefined && /^[A-Za-z][A-Za-z0-9]*$/.test(kind) ? kind : undefined
}

function isOf(reference: JsonObject, group: string, kind: string): boolean {
  const version = reference['apiVersion']
  return reference['kind'] === kind && typeof version === 'string' && version.startsWith(`${group}/`)
}
