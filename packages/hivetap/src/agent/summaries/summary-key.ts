import type { EventIdentity } from '../../kubernetes/event-identity.js'
import { identityText } from '../../kubernetes/identity-fields.js'
import { KEY_IDENTITY } from '../../sinks/summary-fields.js'
import type { ConnectFacts } from './connect-facts.js'

/** What the connects of a summary have in common, as fields of its record. */
export type SummaryKey = Readonly<Record<string, string | number>>

/** A key, as one text: two connects of one text are of one summary. No part of it holds a NUL, but as JSON would. */
export function keyText({ comm, address, port }: ConnectFacts, identity: EventIdentity | undefined): string {
  let text = `${comm}\0${address}\0${port}`
  if (identity === undefined) return text
  for (const name of KEY_IDENTITY) text += `\0${identityText(identity, name) ?? ''}`
  return text
}

/** The same as fields of a record. */
export function keyOf(
  { comm, address, port }: ConnectFacts,
  identity: EventIdentity | undefined,
): SummaryKey {
  const names = KEY_IDENTITY.flatMap((name) => {
    const text = identity === undefined ? undefined : identityText(identity, name)
    return text === undefined ? [] : [[name, text] as const]
  })
  return { comm, destination_address: address, destination_port: port, ...Object.fromEntries(names) }
}
