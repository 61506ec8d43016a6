import type { BpfMap, Link, ObjectSpec, Program, ProgramStatistics } from '@hivetap/bpf'
import type { CgroupPlan } from './cgroup-plan.js'
import type { FilterOptions } from './filters.js'
import type { Ledger } from './ledger.js'
import type { PathsMap } from './processes/program-path.js'
import type { WantedMap } from './said-of-cgroups.js'
import type { NamesMap } from './tool-cgroups.js'
import type { NameMaps } from './tool-names.js'

type Ledgers = BpfMap<number, readonly Ledger[]>

/** The maps of a tool that are read from outside, besides its events. */
export interface KeptMaps {
  readonly ledgers: Ledgers
  readonly cgroupNames: NamesMap
  readonly wantedCgroups: WantedMap
  readonly programPaths: PathsMap
}

/** A tool's object file, as far as a keeper needs it. */
export interface KeptObject {
  bytes(): Uint8Array
  spec(): ObjectSpec
  openPinned(map: keyof KeptMaps, path: string): KeptMaps[keyof KeptMaps]
}

/** What a tool is made of at a place of the ladder. */
export interface ToolParts {
  readonly object: KeptObject
  /** What the object is loaded with: constants, maps and programs. */
  readonly given: unknown
  readonly filters: FilterOptions
  /** How it tells of cgroups. */
  readonly cgroups: CgroupPlan
  /** The programs that are attached, in this order. */
  readonly programs: readonly string[]
}

/** What of a tool lives in the kernel, attached. */
export interface AttachedParts {
  readonly ledgers: Ledgers
  readonly nameMaps: NameMaps
  readonly programs: readonly Program[]
  readonly links: readonly Link[]
}

/** What an earlier process attached, and this one has found again. */
export interface FoundParts {
  readonly ledgers: Ledgers
  readonly nameMaps: NameMaps
  readonly programs: readonly { statistics(): ProgramStatistics }[]
  readonly links: readonly { close(): void }[]
  /** Lets go of all of it. */
  close(): void
}

/** Whoever has a tool outlive the process that attached it. */
export interface Keeper {
  /**
   * The tool, if it is there already and is the same: then nothing is loaded.
   *
   * @throws {BpfError} if it is there, and another
   */
  find(parts: ToolParts): FoundParts | undefined
  /**
   * Is told of a tool that was attached.
   *
   * @throws {BpfError} if it cannot be kept: then it is taken back
   */
  keep(parts: ToolParts, attached: AttachedParts): void
}
