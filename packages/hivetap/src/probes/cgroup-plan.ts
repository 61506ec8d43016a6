import { has, openKernelBtf, probeHelper } from '@hivetap/bpf'
import type { FilterOptions } from './filters.js'
import { canCopyText, KERNEL_TYPES } from './kernel-types.js'
import { entriesFor } from './said-of-cgroups.js'
import type { Placement } from './tool.js'
import { type V1Hierarchy, v1Hierarchy } from './v1-controller.js'

/**
 * How a tool tells of cgroups and programs at a place of its ladder: what cgroup-key.h, kept-cgroup-names.h,
 * kept-program-paths.h and filters.h are told.
 */
export interface CgroupPlan {
  readonly constants: {
    readonly cgroupsRead: boolean
    readonly v1Controller: V1Hierarchy['controller']
    readonly cgroupGenerations: boolean
    readonly someCgroupKeys: boolean
    readonly namesKept: boolean
    readonly pathsKept: boolean
  }
  readonly maps: {
    readonly cgroupNames: { readonly entries: number }
    readonly newNames: { readonly entries: number }
    readonly programPaths: { readonly entries: number }
    readonly newPaths: { readonly entries: number }
    readonly wantedCgroups: { readonly entries: number }
  }
  /** What would give the names of cgroups and the paths of programs, where they are not kept: both need the same. */
  readonly namesMissing: string | undefined
}

/** What of a tool decides that. */
export interface CgroupHooks {
  /** Whether its programs have the task that they run in by its type: then nothing needs to be copied. */
  readonly typedTask: boolean
  /** Programs that may keep names and paths at the same time; 0 for a tool that keeps none. */
  readonly hooks: number
}

/** Names are 560 bytes an entry: 560 KiB. */
const NAMES = 1024
/** Paths are about 460 bytes an entry: 460 KiB. */
const PATHS = 1024
/** Where the sizes of a tool are smaller, locked memory is short: it follows what it is there for. */
const ENTRIES_WITH_NAMES = 1024
const WANTED = 4096

/** BPF_FUNC_probe_read_kernel came with the Linux whose inodes of cgroups have no generation: 5.5. */
const HELPER_OF_5_5 = 113

/** Whether what the kernel numbers its cgroups by is more than their inodes. */
function hasGenerations(): boolean {
  const btf = openKernelBtf()
  if (btf !== undefined) return btf.find('union', 'kernfs_node_id') !== undefined
  return !has(probeHelper(HELPER_OF_5_5, { type: 'BPF_PROG_TYPE_RAW_TRACEPOINT' }))
}

export function planCgroups(
  options: FilterOptions,
  { rung, sizes }: Placement,
  { typedTask, hooks }: CgroupHooks,
): CgroupPlan {
  const btf = openKernelBtf() !== undefined
  const copied = btf && canCopyText(rung)
  const cgroupsRead = copied || (btf && typedTask)
  const namesMissing = missingNames({ btf, copied, entries: sizes.entries })
  const isKept = namesMissing === undefined && hooks > 0
  return {
    constants: {
      cgroupsRead,
      v1Controller: cgroupsRead ? v1Hierarchy().controller : 'none',
      cgroupGenerations: !cgroupsRead && hasGenerations(),
      someCgroupKeys: options.someCgroups === true,
      namesKept: isKept,
      pathsKept: isKept,
    },
    maps: {
      cgroupNames: { entries: NAMES },
      newNames: { entries: Math.max(hooks, 1) },
      programPaths: { entries: PATHS },
      newPaths: { entries: Math.max(hooks, 1) },
      wantedCgroups: { entries: entriesFor(Math.min(WANTED, sizes.entries)) },
    },
    namesMissing,
  }
}

function missingNames({ btf, copied, entries }: { btf: boolean; copied: boolean; entries: number }) {
  if (!btf) return KERNEL_TYPES
  if (!copied) return 'a kernel booted without lockdown=confidentiality'
  return entries < ENTRIES_WITH_NAMES ? 'more locked memory (RLIMIT_MEMLOCK)' : undefined
}
