import type { CgroupOwner } from '../identity/cgroup-owner.js'
import type { EventIdentity } from './event-identity.js'

/** Whose an event is, as its record has it (identity-fields.ts): what columns show of it. */
export function identityOfRecord(record: Readonly<Record<string, unknown>>): EventIdentity {
  const text = (name: string) => {
    const value = record[name]
    return typeof value === 'string' ? value : undefined
  }
  const owner = ownerOf(text)
  const [namespace, name, uid] = [text('k8s_namespace'), text('k8s_pod'), text('k8s_pod_uid')]
  const container = text('k8s_container')
  const service = text('destination_service')
  const pod =
    namespace === undefined || name === undefined
      ? {}
      : {
          pod: {
            namespace,
            name,
            uid: uid ?? '',
            node: text('k8s_node') ?? '',
            labels: {},
            workload: { kind: text('k8s_workload_kind') ?? '', name: text('k8s_workload') ?? '' },
            ...(container === undefined
              ? {}
              : { container: { name: container, image: text('k8s_image') ?? '' } }),
          },
        }
  return {
    source: { owner, ...pod },
    farEnd:
      service === undefined
        ? undefined
        : { service: { namespace: text('destination_service_namespace') ?? '', name: service } },
  }
}

function ownerOf(text: (name: string) => string | undefined): CgroupOwner {
  const [containerId, podUid, unit] = [text('container_id'), text('k8s_pod_uid'), text('unit')]
  if (containerId !== undefined)
    return { kind: 'container', containerId, ...(podUid === undefined ? {} : { podUid }) }
  if (podUid !== undefined) return { kind: 'pod', podUid }
  return unit === undefined ? { kind: 'host' } : { kind: 'unit', unit }
}
