import { type BufferOptions, openKernelBtf } from '@hivetap/bpf'
import { type CgroupPlan, planCgroups } from '../cgroup-plan.js'
import { eventsMap } from '../events-map.js'
import type { FilterOptions } from '../filters.js'
import { canCopyText, canFindTask, KERNEL_TYPES } from '../kernel-types.js'
import type { TaskLayout } from '../processes/task-layout/task-layout.js'
import { learnedTask, type TaskConstants, taskConstants } from '../processes/task-plan.js'
import type { Placement, Rung } from '../tool.js'
import { type ToolConstants, toolConstants } from '../tool-constants.js'
import { type CallRegisters, callRegisters } from './call-registers.js'
import { eventBytes, type TextLimits, textLimits } from './text-limits.js'

/** What decides how execs are followed. */
export interface ExecOptions extends FilterOptions {
  /** Those that fail too. */
  readonly fails?: boolean
  /** With the working directory. */
  readonly wide?: boolean
}

/** The programs of execsnoop.bpf.c. */
export type ExecProgram =
  | 'execTpBtf'
  | 'execRawTp'
  | 'execTracepoint'
  | 'returnTpBtf'
  | 'returnRawTp'
  | 'execveTracepoint'
  | 'execveatTracepoint'
  | 'execveEndTracepoint'
  | 'execveatEndTracepoint'

/** How those that fail are found: by the tracepoints of the two system calls, or of all. */
export type FailureHook = 'calls' | 'returns'

/** How execsnoop.bpf.c is loaded at a place of the ladder. */
export interface ExecPlan {
  readonly missing: ReadonlyMap<string, string>
  readonly cgroups: CgroupPlan
  readonly programs: readonly ExecProgram[]
  readonly constants: ToolConstants &
    CgroupPlan['constants'] &
    TaskConstants &
    TextLimits &
    Partial<CallRegisters> & {
      readonly workingDirectory: boolean
      readonly callsFollowed: boolean
    }
  readonly maps: CgroupPlan['maps'] & {
    readonly events: BufferOptions
    /** Events in the making, of each CPU: one of an exec that succeeded, and one of an exec that failed. */
    readonly scratch: { readonly entries: number; readonly valueBytes: number }
    /** Calls under way. */
    readonly calls: { readonly entries: number }
  }
}

const SUCCESS: Readonly<Record<Rung, ExecProgram>> = {
  tp_btf: 'execTpBtf',
  raw_tp: 'execRawTp',
  tracepoint: 'execTracepoint',
}

/** Calls first: an end whose begin was not seen would be taken for one that was pushed out. */
const CALLS: readonly ExecProgram[] = [
  'execveTracepoint',
  'execveatTracepoint',
  'execveEndTracepoint',
  'execveatEndTracepoint',
]

/** @throws {BpfError} where places in the kernel's structures have to be learned and cannot be */
export function planExecs(
  options: ExecOptions,
  placement: Placement,
  failures: FailureHook | undefined,
): ExecPlan {
  const { rung } = placement
  const btf = openKernelBtf() !== undefined
  const limits = textLimits(placement.sizes)
  const learned = learnedTask(rung)
  const wide = options.wide === true
  const workingDirectory = wide && btf && canCopyText(rung)
  const failurePrograms = failures === undefined ? [] : failureProgramsFor(failures, rung)
  const hooks = failures === undefined ? 1 : 2
  const cgroups = planCgroups(options, placement, { typedTask: rung === 'tp_btf', hooks })
  const failedParent = !failurePrograms.includes('returnTpBtf') || canFindTask()
  return {
    missing: missingFields({ rung, btf, learned, wide, workingDirectory, failedParent }),
    cgroups,
    programs: [...failurePrograms, SUCCESS[rung]],
    constants: {
      ...toolConstants(options, placement),
      ...cgroups.constants,
      ...taskConstants(learned),
      ...limits,
      ...(failures === 'returns' ? callRegisters() : {}),
      workingDirectory,
      callsFollowed: failures === 'calls',
    },
    maps: {
      ...cgroups.maps,
      events: eventsMap(placement),
      scratch: { entries: hooks, valueBytes: eventBytes(limits) },
      calls: { entries: failures === 'calls' ? placement.sizes.entries : 1 },
    },
  }
}

function failureProgramsFor(failures: FailureHook, rung: Rung): readonly ExecProgram[] {
  if (failures === 'calls') return CALLS
  // The typed one sees less before Linux 5.11: it is there for where nothing may be copied.
  return [rung === 'tp_btf' && (canFindTask() || !canCopyText(rung)) ? 'returnTpBtf' : 'returnRawTp']
}

interface Known {
  readonly rung: Rung
  readonly btf: boolean
  readonly learned: TaskLayout | undefined
  readonly wide: boolean
  readonly workingDirectory: boolean
  /** Whether the parent is known of a process whose exec failed. */
  readonly failedParent: boolean
}

function missingFields(known: Known): ReadonlyMap<string, string> {
  const { rung, btf, learned, wide, workingDirectory, failedParent } = known
  const missing = new Map<string, string>()
  if (rung === 'tracepoint') missing.set('interpreter', KERNEL_TYPES)
  if (learned !== undefined) {
    if (learned.mm === undefined || learned.argStart === undefined) missing.set('args', KERNEL_TYPES)
    if (learned.realParent === undefined || learned.tgid === undefined) missing.set('ppid', KERNEL_TYPES)
    if (missing.has('ppid') || learned.comm === undefined) missing.set('parent_comm', KERNEL_TYPES)
  }
  if (!failedParent) for (const name of ['ppid', 'parent_comm']) missing.set(name, 'Linux 5.11, or no -x')
  if (wide && !workingDirectory)
    missing.set('cwd', btf ? 'a kernel booted without lockdown=confidentiality' : 'a kernel with BTF')
  return missing
}
