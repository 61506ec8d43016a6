import { type BufferOptions, openKernelBtf, UnsupportedError } from '@hivetap/bpf'
import { type CgroupPlan, planCgroups } from '../cgroup-plan.js'
import { eventsMap } from '../events-map.js'
import type { FilterOptions } from '../filters.js'
import { KERNEL_TYPES } from '../kernel-types.js'
import type { TaskLayout } from '../processes/task-layout/task-layout.js'
import { learnedTask, type TaskConstants, taskConstants } from '../processes/task-plan.js'
import type { Placement, Rung } from '../tool.js'
import { type ToolConstants, toolConstants } from '../tool-constants.js'
import { STATUS_FIELDS } from './exit-fields.js'

/** What decides which ends are told. */
export interface ExitOptions extends FilterOptions {
  /** Those with an error alone. */
  readonly failed?: boolean
  /** Of each thread, instead of each process. */
  readonly threaded?: boolean
}

/** The programs of exitsnoop.bpf.c. */
export type ExitProgram = 'exitTpBtf' | 'exitRawTp' | 'exitTracepoint'

/** How exitsnoop.bpf.c is loaded at a place of the ladder. */
export interface ExitPlan {
  readonly missing: ReadonlyMap<string, string>
  readonly cgroups: CgroupPlan
  readonly programs: readonly [ExitProgram]
  readonly constants: ToolConstants &
    CgroupPlan['constants'] &
    TaskConstants & {
      readonly threads: boolean
      readonly failedOnly: boolean
      readonly exitCodeOffset: number
      readonly startTimeOffset: number
    }
  readonly maps: CgroupPlan['maps'] & {
    readonly events: BufferOptions
    readonly ended: { readonly entries: number }
  }
}

const PROGRAMS: Readonly<Record<Rung, ExitProgram>> = {
  tp_btf: 'exitTpBtf',
  raw_tp: 'exitRawTp',
  tracepoint: 'exitTracepoint',
}

/** @throws {BpfError} if places in the kernel's structures have to be learned and cannot be, or -x would be blind */
export function planExits(options: ExitOptions, placement: Placement): ExitPlan {
  const { rung, sizes } = placement
  if (rung === 'raw_tp' && openKernelBtf() === undefined)
    throw new UnsupportedError("Raw tracepoints (raw_tp) need the kernel's BTF, and there is none", {
      needs: 'kernel_btf',
    })
  const learned = learnedTask(rung)
  const missing = missingFields(learned)
  if (options.failed === true && missing.has('exit_code'))
    throw new UnsupportedError('Cannot tell here which end is a failure', {
      needs: 'kernel_btf',
      hint: 'Without -x all ends are told, though not how they came.',
    })
  const cgroups = planCgroups(options, placement, { typedTask: rung === 'tp_btf', hooks: 1 })
  return {
    missing,
    cgroups,
    programs: [PROGRAMS[rung]],
    constants: {
      ...toolConstants(options, placement),
      ...cgroups.constants,
      ...taskConstants(learned),
      threads: options.threaded === true,
      failedOnly: options.failed === true,
      exitCodeOffset: learned?.exitCode ?? 0,
      startTimeOffset: learned?.startTime ?? 0,
    },
    maps: { ...cgroups.maps, events: eventsMap(placement), ended: { entries: sizes.entries } },
  }
}

function missingFields(learned: TaskLayout | undefined): ReadonlyMap<string, string> {
  if (learned === undefined) return new Map()
  const names = [
    ...(learned.realParent === undefined || learned.tgid === undefined ? ['ppid'] : []),
    ...(learned.startTime === undefined ? ['age_us'] : []),
    ...(learned.exitCode === undefined ? STATUS_FIELDS : []),
  ]
  return new Map(names.map((name) => [name, KERNEL_TYPES]))
}
