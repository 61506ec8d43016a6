import { type BpfMap, InvalidSpecError, UnsupportedError } from '@hivetap/bpf'
import { isOfV1 } from './cgroup-key.js'
import type { CgroupPlan } from './cgroup-plan.js'
import { forget, leaveOut, roomOf, saidOf, sayOfOthers, type WantedMap, want } from './said-of-cgroups.js'

/** What the kernel keeps of a cgroup's names: struct cgroup_names of cgroup-names.h. */
export interface KeptNames {
  readonly names: readonly string[]
  readonly levels: number
  readonly cut: number
}

export type NamesMap = BpfMap<bigint, KeptNames>

/** The maps of a tool that tell of cgroups; one that it was not asked for is not there. */
export interface CgroupMaps {
  readonly names: NamesMap | undefined
  readonly wanted: WantedMap | undefined
}

/** The cgroups that events are of, and those that are wanted, by their keys: the field `cgroupKey` of events. */
export interface CgroupAccess {
  /**
   * The names of a cgroup and of up to four above it, the innermost first: of the root none. A name of more than 95 bytes is
   * cut, and ends in `…`. Each call is a system call: an event's key is to be looked up when it is first seen, soon, since a
   * thousand names are kept.
   *
   * @returns `undefined` if they are not there, or no more
   * @throws {SystemCallError} {ClosedError}
   */
  cgroupNames(key: bigint): readonly string[] | undefined
  /** What would give names, where there are none. */
  readonly cgroupNamesMissing: string | undefined
  /** How often the kernel could not keep the names of a cgroup. */
  cgroupNamesUnkept(): number
  /**
   * Has what is in a cgroup, and up to four levels below it, told. Where cgroups cannot be read in the kernel, what is in the
   * cgroup itself.
   *
   * @throws {InvalidSpecError} if the tool was not opened with `someCgroups`, or something is said of as many as it can hold
   * @throws {UnsupportedError} if a process's cgroup of that version is not known here
   * @throws {SystemCallError} {ClosedError}
   */
  wantCgroup(key: bigint): void
  /**
   * Has what is in a cgroup, and in none below it, left out.
   *
   * @returns whether there was room for it
   * @throws {InvalidSpecError} if the tool was not opened with `someCgroups`; {SystemCallError} {ClosedError}
   */
  leaveOutCgroup(key: bigint): boolean
  /** Takes back what was said of a cgroup; nothing, if nothing was. */
  forgetCgroup(key: bigint): void
  /** Says whether what is in a cgroup is told of which nothing is said. */
  tellOtherCgroups(isTold: boolean): void
  /** Those that are wanted: of a tool that was pinned, what the process before asked for. */
  wantedCgroups(): readonly bigint[]
  /** Those that are left out, also by the process before. */
  leftOutCgroups(): readonly bigint[]
  /** Of how many something can be said. */
  cgroupRoom(): number
}

/** The cgroups of a tool that is attached. */
export class ToolCgroups implements CgroupAccess {
  readonly #plan: CgroupPlan
  readonly #maps: CgroupMaps
  readonly #unkept: () => number

  /** @param unkept reads how often names could not be kept */
  constructor(plan: CgroupPlan, maps: CgroupMaps, unkept: () => number) {
    this.#plan = plan
    this.#maps = maps
    this.#unkept = unkept
  }

  get cgroupNamesMissing(): string | undefined {
    return this.#plan.namesMissing
  }

  cgroupNames(key: bigint): readonly string[] | undefined {
    const kept = this.#maps.names?.get(key)
    return kept === undefined ? undefined : namesOf(kept)
  }

  cgroupNamesUnkept(): number {
    return this.#unkept()
  }

  wantCgroup(key: bigint): void {
    const map = this.#wanted()
    if (isOfV1(key) && !this.#plan.constants.cgroupsRead)
      throw new UnsupportedError(
        'Cannot tell by a cgroup of version 1: that of a process cannot be read here',
        {
          hint: 'It takes a kernel with BTF, and under lockdown=confidentiality Linux 5.11; those of version 2 can be told by.',
        },
      )
    want(map, key)
  }

  leaveOutCgroup(key: bigint): boolean {
    return leaveOut(this.#wanted(), key)
  }

  forgetCgroup(key: bigint): void {
    forget(this.#wanted(), key)
  }

  tellOtherCgroups(isTold: boolean): void {
    sayOfOthers(this.#wanted(), isTold)
  }

  wantedCgroups(): readonly bigint[] {
    return saidOf(this.#wanted(), 'wanted')
  }

  leftOutCgroups(): readonly bigint[] {
    return saidOf(this.#wanted(), 'left_out')
  }

  cgroupRoom(): number {
    return roomOf(this.#wanted())
  }

  #wanted(): WantedMap {
    const { wanted } = this.#maps
    if (wanted === undefined)
      throw new InvalidSpecError('The tool tells of all cgroups: it was not opened with someCgroups')
    return wanted
  }
}

/** So many levels the kernel's programs tell at most: CGROUP_LEVELS of cgroup-names.h. */
export const CGROUP_LEVELS = 5

/** Behind a name that did not fit. */
const CUT = '…'

/** Names as they are told, of what the kernel kept. */
export function namesOf({ names, levels, cut }: KeptNames): readonly string[] {
  return names.slice(0, levels).map((name, level) => ((cut >> level) & 1 ? markCut(name) : name))
}

/** Marks a name that was cut, maybe within a character. */
export function markCut(name: string): string {
  return name.replace(/\uFFFD$/, '') + CUT
}

/** Whether a name is marked so. */
export function isCut(name: string): boolean {
  return name.endsWith(CUT)
}
