import type { IdentityFieldName } from '../kubernetes/identity-fields.js'
import type { Column } from '../probes/tool.js'

/** What a field is that says whose an event is: of the event itself, or of the record that was made of it. */
export type IdentityTextOf<E> = (event: E, field: IdentityFieldName) => string | undefined

/** Of a container’s id, what people tell it by. */
const SHORT_ID = 12

/** Columns that say whose an event is, by kubectl’s words. */
const IDENTITY_COLUMNS: readonly (Pick<Column<never>, 'header' | 'width'> & {
  readonly of: (text: (field: IdentityFieldName) => string | undefined) => string | undefined
})[] = [
  { header: 'EXE', width: 24, of: (text) => text('exe') },
  { header: 'NODE', width: 16, of: (text) => text('k8s_node') },
  { header: 'NAMESPACE', width: 16, of: (text) => text('k8s_namespace') },
  // A pod whose names are not known is told by its UID.
  { header: 'POD', width: 32, of: (text) => text('k8s_pod') ?? text('k8s_pod_uid') },
  {
    header: 'CONTAINER',
    width: 16,
    of: (text) => text('k8s_container') ?? text('container_id')?.slice(0, SHORT_ID),
  },
  { header: 'WORKLOAD', width: 24, of: (text) => both(text('k8s_workload_kind'), text('k8s_workload')) },
  { header: 'UNIT', width: 24, of: (text) => text('unit') },
  {
    header: 'SERVICE',
    width: 24,
    of: (text) => both(text('destination_service_namespace'), text('destination_service')),
  },
]

/** Those that `--wide` shows on a node of Kubernetes. */
export const WIDE_IDENTITY = ['NODE', 'NAMESPACE', 'POD', 'CONTAINER'] as const

/** The columns, for the events of a tool. */
export function identityColumns<E>(textOf: IdentityTextOf<E>): readonly Column<E>[] {
  return IDENTITY_COLUMNS.map(({ header, width, of }) => ({
    header,
    width,
    text: (event) => of((field) => textOf(event, field)),
  }))
}

function both(one: string | undefined, other: string | undefined): string | undefined {
  return one === undefined || other === undefined ? undefined : `${one}/${other}`
}
