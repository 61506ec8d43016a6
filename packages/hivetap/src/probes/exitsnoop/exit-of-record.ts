import { type EventRecord, eventOfRecord } from '../event-of-record.js'
import { type ExitEvent, exitEventFields } from './exitsnoop.bpf.js'

export const exitOfRecord = eventOfRecord<ExitEvent>(exitEventFields, statusOf)

/** The status of wait(2): the code in its second byte, or the signal in its first, and whether there was a core. */
function statusOf(record: EventRecord): Pick<ExitEvent, 'status' | 'statusKnown' | 'ofThread'> {
  const { exit_code: code, signal_number: signal, core_dumped: dumped } = record
  if (typeof signal === 'number')
    return {
      status: signal | (dumped === true ? 0x80 : 0),
      statusKnown: true,
      ofThread: dumped === undefined,
    }
  return typeof code === 'number'
    ? { status: code << 8, statusKnown: true, ofThread: false }
    : { status: 0, statusKnown: false, ofThread: false }
}
