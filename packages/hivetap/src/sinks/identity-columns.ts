import type { EventIdentity, Identify } from '../kubernetes/event-identity.js'
import type { Column } from '../probes/tool.js'

/** Of a container’s id, what people tell it by. */
const SHORT_ID = 12

/** Columns that say whose an event is, by kubectl’s words. */
export const IDENTITY_COLUMNS: readonly (Pick<Column<never>, 'header' | 'width'> & {
  readonly of: (identity: EventIdentity) => string | undefined
})[] = [
  { header: 'NODE', width: 16, of: ({ source }) => source?.pod?.node },
  { header: 'NAMESPACE', width: 16, of: ({ source }) => source?.pod?.namespace },
  { header: 'POD', width: 32, of: ({ source }) => source?.pod?.name ?? unresolved(source) },
  { header: 'CONTAINER', width: 16, of: ({ source }) => source?.pod?.container?.name ?? container(source) },
  { header: 'WORKLOAD', width: 24, of: ({ source }) => workload(source) },
  {
    header: 'UNIT',
    width: 24,
    of: ({ source }) => (source?.owner.kind === 'unit' ? source.owner.unit : undefined),
  },
  { header: 'SERVICE', width: 24, of: ({ farEnd }) => service(farEnd) },
]

/** Those that `--wide` shows on a node of Kubernetes. */
export const WIDE_IDENTITY = ['NODE', 'NAMESPACE', 'POD', 'CONTAINER'] as const

/** The columns, for the events of a tool. */
export function identityColumns<E>(identify: Identify<E>): readonly Column<E>[] {
  return IDENTITY_COLUMNS.map(({ header, width, of }) => ({
    header,
    width,
    text: (event) => of(identify(event)),
  }))
}

type Source = EventIdentity['source']

/** A pod whose names are not known is told by its UID. */
function unresolved(source: Source): string | undefined {
  const owner = source?.owner
  return owner?.kind === 'container' || owner?.kind === 'pod' ? owner.podUid : undefined
}

function container(source: Source): string | undefined {
  return source?.owner.kind === 'container' ? source.owner.containerId.slice(0, SHORT_ID) : undefined
}

function workload(source: Source): string | undefined {
  const pod = source?.pod
  return pod === undefined ? undefined : `${pod.workload.kind}/${pod.workload.name}`
}

function service(farEnd: EventIdentity['farEnd']): string | undefined {
  const named = farEnd?.service
  return named === undefined ? undefined : `${named.namespace}/${named.name}`
}
