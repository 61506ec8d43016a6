import { FAR_END_FIELDS, PROCESS_FIELDS, SOURCE_FIELDS } from '../kubernetes/identity-fields.js'
import type { AnyTool, Field } from '../probes/tool.js'

/** A field that a record of a tool may have. */
export type RecordField = Pick<Field<never>, 'name' | 'doc' | 'type' | 'labels'>

/** All that a record of a tool may have behind the envelope, in the order in which it stands: what the tool tells, and whose it is. */
export function recordFields({
  fields,
  namedBy,
}: Pick<AnyTool, 'fields' | 'namedBy'>): readonly RecordField[] {
  return [
    ...fields,
    ...(namedBy.process === undefined ? [] : PROCESS_FIELDS),
    ...SOURCE_FIELDS,
    ...(namedBy.address === undefined ? [] : FAR_END_FIELDS),
  ]
}
