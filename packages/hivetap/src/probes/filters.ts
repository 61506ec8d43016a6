import { closeSync, constants, openSync } from 'node:fs'
import { type BpfMap, InvalidSpecError } from '@hivetap/bpf'
import { directoryPath, oneOf } from './option-values.js'
import { sayOfOthers, type WantedMap } from './said-of-cgroups.js'
import type { Flag } from './tool.js'

/** What every tool can leave out in the kernel: filters.h. */
export interface FilterOptions {
  /** The process that is wanted. */
  readonly pid?: number
  /** The user that is wanted. */
  readonly uid?: number
  /** Directory of the cgroup (version 2) that is wanted, with all below it. */
  readonly cgroup?: string
  /** Of so many things one is told. */
  readonly sample?: number
  /** That what is wanted depends on cgroups: on what `Session.wantCgroup` and `leaveOutCgroup` say of them. */
  readonly someCgroups?: boolean
  /** Of which cgroups what is in them is told until something is said of them: of none, without. */
  readonly otherCgroups?: 'told'
}

/** Flags that every tool has, unless it brings its own of that name. */
export const FILTER_FLAGS = {
  cgroup: {
    name: 'cgroup',
    flags: '--cgroup <PATH>',
    help: 'only what is in the cgroup of version 2 with this directory, or below it',
    parse: directoryPath,
  },
  sample: {
    name: 'sample',
    flags: '--sample <1/N>',
    help: 'of so many tell one, picked at random in the kernel',
    parse: oneOf,
  },
} as const satisfies Readonly<Record<string, Flag>>

/** Of how many things one is told, as every tool can be asked; `undefined` where all are. */
export function sampleOf(options: unknown): number | undefined {
  return (options as FilterOptions).sample
}

/** The constants of filters.h. */
export interface FilterConstants {
  readonly pid: number
  readonly someUser: boolean
  readonly user: number
  readonly someCgroup: boolean
  readonly sample: number
}

/** What filters.h is told when it is loaded. */
export function filterConstants({ pid, uid, cgroup, sample }: FilterOptions): FilterConstants {
  return {
    pid: pid ?? 0,
    someUser: uid !== undefined,
    user: uid ?? 0,
    someCgroup: cgroup !== undefined,
    sample: sample ?? 0,
  }
}

/**
 * Puts what is said of cgroups into the maps of filters.h, before programs are attached.
 *
 * @throws {InvalidSpecError} if there is no such directory, or it is none of a cgroup of version 2
 */
export function fillFilters(
  maps: { readonly cgroups: BpfMap<number, number>; readonly wantedCgroups: WantedMap },
  { cgroup, someCgroups, otherCgroups }: FilterOptions,
): void {
  if (someCgroups === true) sayOfOthers(maps.wantedCgroups, otherCgroups === 'told')
  if (cgroup === undefined) return
  const fd = openDirectory(cgroup)
  try {
    maps.cgroups.set(0, fd)
  } catch (cause) {
    // bpf(2): EBADF for what is no cgroup of version 2.
    if ((cause as { errnoName?: string }).errnoName !== 'EBADF') throw cause
    throw new InvalidSpecError(`Cannot tell by ${cgroup}: it is not the directory of a cgroup`, {
      cause,
      hint: 'It takes one of version 2, below /sys/fs/cgroup or /sys/fs/cgroup/unified.',
    })
  } finally {
    closeSync(fd)
  }
}

function openDirectory(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException
    throw new InvalidSpecError(`Cannot open the cgroup ${path}: ${code}`, { cause })
  }
}
