import { type FleetRecord, WRITTEN_PARTITIONS } from './fleet.js'
import { timeText } from './sent.js'

/** Records that say nothing but that it is half an hour later: what was before is over. */
export function laterRecords(after: readonly FleetRecord[]): readonly FleetRecord[] {
  const timestamp = Math.max(...after.map((record) => record.timestamp)) + 1_800_000
  return Array.from({ length: WRITTEN_PARTITIONS }, (_, partition) => {
    const fields = {
      version: 1,
      event_id: `later-${partition}`,
      time: timeText(timestamp),
      host: 'later',
      tool: '',
    }
    return { partition, timestamp, value: JSON.stringify({ ...fields, record: 'later' }) }
  })
}
