import type { EpochRecord } from '../delivery/records.js'
import type { EventIds } from '../sinks/json-lines.js'
import type { WallClock } from '../sinks/wall-clock.js'
import { ENVELOPE_VERSION } from '../stream/envelope.js'

/** The line of an epoch's record, with its newline; it uses up a name. */
export function epochLine(
  record: Omit<EpochRecord, 'record'>,
  { ids, clock, host }: { ids: EventIds; clock: WallClock; host: string },
): string {
  const envelope = {
    version: ENVELOPE_VERSION,
    event_id: ids.next,
    time: clock.now(),
    host,
    tool: '',
    record: 'epoch',
  }
  ids.use()
  return `${JSON.stringify({ ...envelope, ...record })}\n`
}
