import { type EventRecord, eventOfRecord } from '../event-of-record.js'
import { AT_FDCWD } from './command-line.js'
import { type ExecEvent, execEventFields } from './execsnoop.bpf.js'

export const execOfRecord = eventOfRecord<ExecEvent>(execEventFields, partsOf)

/** A record names the file as a whole. Where it has no interpreter, what was run is taken for a program. */
function partsOf({ interpreter, cwd }: EventRecord): Partial<ExecEvent> {
  const isKnown = typeof cwd === 'string'
  return {
    directoryFd: AT_FDCWD,
    kind: interpreter === undefined ? 'program' : 'script',
    cwdKnown: isKnown,
    cwd: isKnown ? cwd.split('/').slice(1).reverse() : [],
  }
}
