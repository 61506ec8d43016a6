import { createRequire } from 'node:module'
import type { Type } from 'protobufjs/light.js'
import { EVENT_DESCRIPTOR } from './event-descriptor.generated.js'

/** As `Root.fromJSON` takes it. */
type Descriptor = Parameters<typeof import('protobufjs/light.js')['Root']['fromJSON']>[0]

/** The message hivetap.v1.Event of proto/hivetap/v1/event.proto. */
export interface EventMessage {
  readonly type: Type
  /** Fields of it of which a message has one at most: what kind of record it is. */
  readonly kinds: ReadonlySet<string>
}

/** Makes the message of its descriptor; the library is loaded only now. */
export function eventMessage(): EventMessage {
  const protobuf = createRequire(import.meta.url)(
    'protobufjs/light.js',
  ) as typeof import('protobufjs/light.js')
  const { Event } = EVENT_DESCRIPTOR.nested.hivetap.nested.v1.nested
  const type = protobuf.Root.fromJSON(EVENT_DESCRIPTOR as Descriptor).lookupType('hivetap.v1.Event')
  return { type, kinds: new Set<string>(Event.oneofs.record.oneof) }
}
