import { BpfError, MemlockError } from '@hivetap/bpf'
import { FILTER_FLAGS } from '../filters.js'
import { count, processId, someText, userId } from '../option-values.js'
import { sinceFirstColumn, timeOfDayColumn } from '../time-columns.js'
import type { Column, Placement, Session, Sizes, Tool } from '../tool.js'
import { openSession, planOf } from '../tool-session.js'
import { commandLine, pathOf, quoted } from './command-line.js'
import { execFields } from './exec-fields.js'
import { execOfRecord } from './exec-of-record.js'
import { type ExecOptions, type FailureHook, planExecs } from './exec-plan.js'
import { type ExecEvent, execEvent, execsnoop as object } from './execsnoop.bpf.js'
import { TEXT_BYTES } from './text-limits.js'

/** What may be asked of execsnoop. */
export interface ExecsnoopOptions extends ExecOptions {
  readonly time?: boolean
  readonly timestamp?: boolean
  readonly printUid?: boolean
  readonly quote?: boolean
  /** Text that the name must hold. */
  readonly name?: string
  /** Text that the command line must hold. */
  readonly line?: string
  /** Words of the command line that are shown at most. */
  readonly maxArgs?: number
}

/**
 * Failing execs followed at once, the buffer, which holds at least one of the largest events, and the texts of an event. The
 * last fits into 64 KiB of locked memory with up to 16 CPUs.
 */
const SIZES: readonly [Sizes, ...Sizes[]] = [
  { entries: 1024, bufferBytes: 2 << 20, textBytes: TEXT_BYTES },
  { entries: 64, bufferBytes: 64 << 10, textBytes: TEXT_BYTES },
  { entries: 32, bufferBytes: 16 << 10, textBytes: TEXT_BYTES / 4 },
  { entries: 16, bufferBytes: 4 << 10, textBytes: 1920 },
]

function columns(options: ExecsnoopOptions): readonly Column<ExecEvent>[] {
  const all: (Column<ExecEvent> | false | undefined)[] = [
    options.time && timeOfDayColumn('TIME'),
    options.timestamp && sinceFirstColumn(8),
    options.printUid && { header: 'UID', width: 6, text: ({ uid }) => String(uid) },
    { header: 'PCOMM', width: 16, text: ({ comm }) => comm },
    { header: 'PID', width: 6, text: ({ pid }) => String(pid) },
    { header: 'PPID', width: 6, field: 'ppid', text: ({ ppid }) => String(ppid) },
    options.wide && {
      header: 'PARENT',
      width: 16,
      field: 'parent_comm',
      text: ({ parentComm }) => parentComm,
    },
    options.wide && { header: 'CGROUP', width: 8, text: ({ cgroupId }) => String(cgroupId) },
    { header: 'RET', width: 3, align: 'right', text: ({ returnValue }) => String(returnValue) },
    options.wide && {
      header: 'CWD',
      width: 16,
      field: 'cwd',
      text: ({ cwd, cwdKnown }) => (cwdKnown ? pathOf(cwd) : '-'),
    },
    { header: 'ARGS', width: 4, text: (event) => argumentsText(event, options) },
  ]
  return all.filter((column) => typeof column === 'object')
}

function argumentsText(event: ExecEvent, { quote, maxArgs }: ExecsnoopOptions): string {
  const words = commandLine(event)
  const shown = words.slice(0, maxArgs)
  const text = quote ? quoted(shown) : shown.join(' ')
  return shown.length < words.length || event.truncated ? `${text} ...` : text
}

function wanted({ name, line }: ExecsnoopOptions): ((event: ExecEvent) => boolean) | undefined {
  if (name === undefined && line === undefined) return undefined
  return (event) =>
    (name === undefined || event.comm.includes(name)) &&
    (line === undefined || commandLine(event).join(' ').includes(line))
}

/** Which programs are started, by whom, and with which arguments. */
export const execsnoop: Tool<ExecEvent, ExecsnoopOptions> = {
  name: 'execsnoop',
  summary: 'Show which programs are started, by whom, with which arguments',
  description:
    'A line for every program that a process on this host starts (exec), and with -x for every attempt that fails.',
  subject: 'execs',
  flags: [
    { name: 'time', flags: '-T, --time', help: 'begin with the time of day' },
    {
      name: 'timestamp',
      flags: '-t, --timestamp',
      help: 'begin with the time since the first line, seconds',
    },
    { name: 'fails', flags: '-x, --fails', help: 'failed execs too' },
    { name: 'pid', flags: '-p, --pid <PID>', help: 'only execs of this process', parse: processId },
    { name: 'uid', flags: '-u, --uid <UID>', help: 'only execs of this user', parse: userId },
    { name: 'quote', flags: '-q, --quote', help: 'put arguments in quotation marks' },
    {
      name: 'name',
      flags: '-n, --name <TEXT>',
      help: 'only where the name of the process holds this',
      parse: someText,
    },
    {
      name: 'line',
      flags: '-l, --line <TEXT>',
      help: 'only where the command line holds this',
      parse: someText,
    },
    { name: 'printUid', flags: '-U, --print-uid', help: 'with the user' },
    {
      name: 'maxArgs',
      flags: '--max-args <N>',
      help: 'show so many words of the command line at most',
      parse: count,
    },
    {
      name: 'wide',
      flags: '-w, --wide',
      help: "with the parent's name, the cgroup and the working directory",
    },
    { ...FILTER_FLAGS.cgroup, flags: '-c, --cgroup <PATH>' },
  ],
  rungs: ['tp_btf', 'raw_tp', 'tracepoint'],
  sizes: SIZES,
  columns,
  remark: () => undefined,
  fields: execFields,
  decoder: execEvent,
  wanted,
  timeNs: (event) => event.timeNs,
  ofRecord: execOfRecord,
  namedBy: { pid: ({ pid }) => pid, process: (event) => event, cgroup: ({ cgroupKey }) => cgroupKey },
  open: (options, placement) => {
    if (options.fails !== true) return openExecs(options, placement, undefined)
    try {
      return openExecs(options, placement, 'calls')
    } catch (error) {
      // The tracepoints of the system calls want tracefs, not every kernel has them, and they take more memory.
      if (!(error instanceof BpfError)) throw error
      if (error instanceof MemlockError && placement.sizes !== SIZES.at(-1)) throw error
      return openExecs(options, placement, 'returns')
    }
  },
}

function openExecs(
  options: ExecsnoopOptions,
  placement: Placement,
  failures: FailureHook | undefined,
): Session<ExecEvent> {
  return openSession(planOf(object, planExecs(options, placement, failures), options, placement))
}
