import type { EpochRecord } from '../delivery/records.js'
import type { EventIds } from '../sinks/json-lines.js'
import type { WallClock } from '../sinks/wall-clock.js'
import { ownRecord } from '../stream/own-record.js'

/** The line of an epoch's record, with its newline; it uses up a name. */
export function epochLine(
  record: Omit<EpochRecord, 'record'>,
  { ids, clock, host }: { ids: EventIds; clock: WallClock; host: string },
): string {
  const line = ownRecord({ eventId: ids.next, time: clock.now(), host }, { record: 'epoch', ...record })
  ids.use()
  return `${line}\n`
}
