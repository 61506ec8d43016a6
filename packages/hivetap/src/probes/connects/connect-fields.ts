import { errnoName } from '@hivetap/bpf'
import type { Field } from '../tool.js'
import { causeOf } from './cause.js'
import { type ConnectEvent, connectEventFields } from './connect-event.js'

/** A cause is asked for where a connect took time; how one failed says its outcome. */
export function hasCause(event: ConnectEvent): boolean {
  return event.outcome === 'connected' || event.outcome === 'stuck'
}

/** What the C struct says of its fields, with what is made of them in between. */
export const connectFields: readonly Field<ConnectEvent>[] = connectEventFields.flatMap(
  (field): Field<ConnectEvent>[] => {
    const { name, property, doc, optional } = field
    if (property === 'timeNs') return []
    const plain: Field<ConnectEvent> = {
      name,
      doc,
      value: (event) => (optional && event[property] === 0 ? undefined : event[property]),
    }
    switch (property) {
      case 'outcome':
        return [
          plain,
          {
            name: 'cause',
            doc: 'Why it took as long as it did: syn_loss, network, host, fast_open or unknown',
            value: (event) => (hasCause(event) ? causeOf(event) : undefined),
          },
        ]
      case 'errorCode':
        return [
          plain,
          {
            name: 'error',
            doc: 'The name of that error',
            value: (event) => (event.errorCode === 0 ? undefined : errnoName(event.errorCode)),
          },
        ]
      default:
        return [plain]
    }
  },
)
