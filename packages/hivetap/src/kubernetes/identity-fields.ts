import { containerIdOf, podUidOf } from '../identity/cgroup-owner.js'
import type { ProcessIdentity } from '../identity/process/process-identity.js'
import type { FieldType, FieldValue } from '../probes/tool.js'
import type { EventIdentity, SourceIdentity } from './event-identity.js'
import type { FarEnd } from './whose.js'

/** A field that says whose an event is, in the order in which they stand behind a tool’s own. */
export interface IdentityField<T> {
  readonly name: string
  readonly doc: string
  readonly type: FieldType
  readonly value: (identity: T) => FieldValue | undefined
}

/** Of the process that did it, and of no other that had its pid. */
export const PROCESS_FIELDS = [
  {
    name: 'process_start',
    doc: 'When the process began: RFC 3339, UTC, milliseconds. With pid it tells one process of a host from all others',
    type: 'string',
    value: ({ start }) => start,
  },
  {
    name: 'exe',
    doc: 'Program of the process: its path in the mount namespace that it was started from; (deleted) behind it where the file was removed or replaced; …/ before it where it was too long',
    type: 'string',
    value: ({ executable }) => executable,
  },
] as const satisfies readonly IdentityField<ProcessIdentity>[]

/** Of whom that process is. */
export const SOURCE_FIELDS = [
  {
    name: 'unit',
    doc: 'Unit of systemd that the process is in',
    type: 'string',
    value: ({ owner }) => (owner.kind === 'unit' ? owner.unit : undefined),
  },
  {
    name: 'container_id',
    doc: 'Container that the process is in',
    type: 'string',
    value: ({ owner }) => containerIdOf(owner),
  },
  {
    name: 'container_runtime',
    doc: 'What made the container, where its cgroup tells: containerd, cri-o, docker, podman',
    type: 'string',
    value: ({ owner }) => (owner.kind === 'container' ? owner.runtime : undefined),
  },
  {
    name: 'k8s_namespace',
    doc: 'Namespace of the pod',
    type: 'string',
    value: ({ pod }) => pod?.namespace,
  },
  { name: 'k8s_pod', doc: 'Pod that the process is in', type: 'string', value: ({ pod }) => pod?.name },
  {
    name: 'k8s_pod_uid',
    doc: 'UID of the pod, as its cgroup tells it',
    type: 'string',
    value: ({ owner }) => podUidOf(owner),
  },
  { name: 'k8s_node', doc: 'Node of the pod', type: 'string', value: ({ pod }) => pod?.node },
  {
    name: 'k8s_container',
    doc: 'Name of the container in the pod; none in its sandbox',
    type: 'string',
    value: ({ pod }) => pod?.container?.name,
  },
  {
    name: 'k8s_image',
    doc: 'Image of the container',
    type: 'string',
    value: ({ pod }) => pod?.container?.image,
  },
  {
    name: 'k8s_workload_kind',
    doc: 'What runs the pod: Deployment, StatefulSet, DaemonSet, Job, CronJob, or another',
    type: 'string',
    value: ({ pod }) => pod?.workload.kind,
  },
  {
    name: 'k8s_workload',
    doc: 'Name of what runs the pod',
    type: 'string',
    value: ({ pod }) => pod?.workload.name,
  },
  {
    name: 'k8s_labels',
    doc: 'Those labels of the pod that were asked for, as name=value',
    type: 'strings',
    value: ({ pod }) => labelsOf(pod?.labels),
  },
  {
    name: 'k8s_unresolved',
    doc: 'The process is in a pod whose names are not known: true, or not there',
    type: 'boolean',
    value: (source) => (isUnresolved(source) ? true : undefined),
  },
] as const satisfies readonly IdentityField<SourceIdentity>[]

/** Of what was connected to. */
export const FAR_END_FIELDS = [
  {
    name: 'destination_service',
    doc: 'Service that was connected to: its own address, or the only one that the address is a backend of',
    type: 'string',
    value: ({ service }) => service?.name,
  },
  {
    name: 'destination_service_namespace',
    doc: 'Namespace of the Service',
    type: 'string',
    value: ({ service }) => service?.namespace,
  },
  {
    name: 'destination_service_port',
    doc: 'Name of the Service’s port',
    type: 'string',
    value: ({ service }) => service?.portName,
  },
  {
    name: 'destination_pod',
    doc: 'Pod that was connected to',
    type: 'string',
    value: ({ pod }) => pod?.name,
  },
  {
    name: 'destination_pod_namespace',
    doc: 'Namespace of the pod that was connected to',
    type: 'string',
    value: ({ pod }) => pod?.namespace,
  },
  {
    name: 'destination_node',
    doc: 'Node whose address was connected to',
    type: 'string',
    value: ({ node }) => node,
  },
] as const satisfies readonly IdentityField<FarEnd>[]

/** The names of these fields. */
export type IdentityFieldName = (
  | typeof PROCESS_FIELDS
  | typeof SOURCE_FIELDS
  | typeof FAR_END_FIELDS
)[number]['name']

const OF_PROCESS = byName(PROCESS_FIELDS)
const OF_SOURCE = byName(SOURCE_FIELDS)
const OF_FAR_END = byName(FAR_END_FIELDS)

/** What a field of text is of an event. */
export function identityText(
  { process, source, farEnd }: EventIdentity,
  field: IdentityFieldName,
): string | undefined {
  const value =
    (process === undefined ? undefined : OF_PROCESS.get(field)?.(process)) ??
    (source === undefined ? undefined : OF_SOURCE.get(field)?.(source)) ??
    (farEnd === undefined ? undefined : OF_FAR_END.get(field)?.(farEnd))
  return typeof value === 'string' ? value : undefined
}

function byName<T>(fields: readonly IdentityField<T>[]): ReadonlyMap<string, IdentityField<T>['value']> {
  return new Map(fields.map(({ name, value }) => [name, value]))
}

/** Whether a process is in a pod whose names are not known. */
export function isUnresolved(source: SourceIdentity): boolean {
  return source.pod === undefined && podUidOf(source.owner) !== undefined
}

function labelsOf(labels: Readonly<Record<string, string>> | undefined): readonly string[] | undefined {
  const all = Object.entries(labels ?? {})
  return all.length === 0 ? undefined : all.map(([name, value]) => `${name}=${value}`)
}
