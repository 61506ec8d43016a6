import type { Destination, DestinationContext } from '../delivery/destination.js'
import type { SinkConfig } from './agent.js'
import { DESTINATION_KINDS } from './destination-kinds.js'

/**
 * Makes the destination that a configuration asks for.
 *
 * @throws if it cannot be made
 */
export async function createDestination(
  { type, settings }: SinkConfig,
  context: DestinationContext,
): Promise<Destination> {
  const kind = DESTINATION_KINDS.find((each) => each.type === type)
  if (kind === undefined) throw new Error(`There is no kind of sink ${type}`)
  return kind.create(settings, context)
}
