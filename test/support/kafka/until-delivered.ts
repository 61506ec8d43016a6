import { setTimeout as sleep } from 'node:timers/promises'
import type {
  DeliveryError,
  Destination,
  Rejection,
} from '../../../packages/hivetap/src/delivery/destination.js'
import type { SpoolBatch } from '../../../packages/hivetap/src/spool/spool.js'
import { NEVER } from './destinations.js'

/**
 * Delivers as an agent does: the same batch again until it is taken.
 *
 * @param faults the kinds of what went wrong meanwhile are added to it
 */
export async function untilDelivered(
  destination: Destination,
  batch: SpoolBatch,
  faults: string[] = [],
  timeoutMs = 90_000,
): Promise<readonly Rejection[]> {
  const until = Date.now() + timeoutMs
  for (;;) {
    try {
      return await destination.deliver(batch, NEVER)
    } catch (error) {
      faults.push((error as DeliveryError).kind)
      if (Date.now() > until) throw error
      await sleep(300)
    }
  }
}
