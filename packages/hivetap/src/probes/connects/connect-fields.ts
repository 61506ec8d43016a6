import { errnoName } from '@hivetap/bpf'
import { fieldsOf } from '../fields.js'
import type { Field } from '../tool.js'
import { CAUSES, causeOf } from './cause.js'
import { type ConnectEvent, connectEventFields } from './connect-event.js'

/** A cause is asked for where a connect took time; how one failed says its outcome. */
export function hasCause(event: ConnectEvent): boolean {
  return event.outcome === 'connected' || event.outcome === 'stuck'
}

/** What is made of the struct's fields, behind the field that each follows. */
const MADE: Readonly<Record<string, Field<ConnectEvent>>> = {
  outcome: {
    name: 'cause',
    doc: 'Why it took as long as it did: syn_loss, network, host, fast_open or unknown',
    type: 'string',
    labels: CAUSES,
    value: (event) => (hasCause(event) ? causeOf(event) : undefined),
  },
  error_code: {
    name: 'error',
    doc: 'The name of that error',
    type: 'string',
    value: (event) => (event.errorCode === 0 ? undefined : errnoName(event.errorCode)),
  },
}

/** What the C struct says of its fields, with what is made of them in between. */
export const connectFields: readonly Field<ConnectEvent>[] = fieldsOf<ConnectEvent>(
  connectEventFields,
).flatMap((field) => [
  field,
  ...(MADE[field.name] === undefined ? [] : [MADE[field.name] as Field<ConnectEvent>]),
])
