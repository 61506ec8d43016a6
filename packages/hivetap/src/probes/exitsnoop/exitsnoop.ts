import { FILTER_FLAGS } from '../filters.js'
import { processId, userId } from '../option-values.js'
import { timeOfDayColumn } from '../time-columns.js'
import type { Column, Sizes, Tool } from '../tool.js'
import { openSession, planOf } from '../tool-session.js'
import { endingText, exitFields } from './exit-fields.js'
import { exitOfRecord } from './exit-of-record.js'
import { type ExitOptions, planExits } from './exit-plan.js'
import { type ExitEvent, exitEvent, exitsnoop as object } from './exitsnoop.bpf.js'

/** What may be asked of exitsnoop. */
export interface ExitsnoopOptions extends ExitOptions {
  readonly timestamp?: boolean
}

const SIZES: readonly [Sizes, ...Sizes[]] = [
  { entries: 1024, bufferBytes: 256 << 10 },
  { entries: 256, bufferBytes: 16 << 10 },
  { entries: 64, bufferBytes: 4 << 10 },
]

function columns({ timestamp }: ExitsnoopOptions): readonly Column<ExitEvent>[] {
  return [
    ...(timestamp ? [timeOfDayColumn('TIME(s)')] : []),
    { header: 'PCOMM', width: 16, text: ({ comm }) => comm },
    { header: 'PID', width: 7, text: ({ pid }) => String(pid) },
    { header: 'PPID', width: 7, field: 'ppid', text: ({ ppid }) => String(ppid) },
    { header: 'TID', width: 7, text: ({ tid }) => String(tid) },
    { header: 'AGE(s)', width: 7, field: 'age_us', text: ({ ageUs }) => (ageUs / 1e6).toFixed(2) },
    { header: 'EXIT_CODE', width: 9, field: ['exit_code', 'signal', 'core_dumped'], text: endingText },
  ]
}

/** Which processes end, and how. */
export const exitsnoop: Tool<ExitEvent, ExitsnoopOptions> = {
  name: 'exitsnoop',
  summary: 'Show which processes end, and how: with which code, by which signal',
  description: 'A line for every process on this host that ends, when its last thread does.',
  subject: 'ends',
  flags: [
    { name: 'timestamp', flags: '-t, --timestamp', help: 'begin with the time of day' },
    { name: 'failed', flags: '-x, --failed', help: 'only ends with an error: a code but 0, or a signal' },
    { name: 'pid', flags: '-p, --pid <PID>', help: 'only the end of this process', parse: processId },
    { name: 'uid', flags: '-u, --uid <UID>', help: 'only ends of processes of this user', parse: userId },
    { name: 'threaded', flags: '-T, --threaded', help: 'a line for every thread, instead of every process' },
    { ...FILTER_FLAGS.cgroup, flags: '-c, --cgroup <PATH>' },
  ],
  rungs: ['tp_btf', 'raw_tp', 'tracepoint'],
  sizes: SIZES,
  columns,
  remark: () => undefined,
  fields: exitFields,
  decoder: exitEvent,
  timeNs: (event) => event.timeNs,
  ofRecord: exitOfRecord,
  namedBy: { pid: ({ pid }) => pid, process: (event) => event, cgroup: ({ cgroupKey }) => cgroupKey },
  open: (options, placement) =>
    openSession(planOf(object, planExits(options, placement), options, placement)),
}
