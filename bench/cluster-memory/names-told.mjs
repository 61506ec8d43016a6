// @ts-check
import { readFileSync } from 'node:fs'

/**
 * What a file of events says of connects to pods, held against whose the addresses are.
 *
 * @param {string} file
 * @param {ReadonlyMap<string, string>} owners `namespace/name` of each address that ever was
 */
export function namesTold(file, owners) {
  const told = { events: 0, named: 0, wrong: 0 }
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    /** @type {Record<string, string>} */
    const event = JSON.parse(line)
    const owner = owners.get(event['destination_address'] ?? '')
    if (owner === undefined) continue
    told.events++
    if (event['destination_pod'] === undefined) continue
    told.named++
    if (owner !== `${event['destination_pod_namespace']}/${event['destination_pod']}`) told.wrong++
  }
  return told
}
