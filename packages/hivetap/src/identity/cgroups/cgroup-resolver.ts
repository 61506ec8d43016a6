import { type CgroupInode, type CgroupKey, inodeOfKey, ROOT_INODE } from '../../probes/cgroup-key.js'
import { readMounts } from '../../probes/mounts.js'
import type { CgroupOwner } from '../cgroup-owner.js'
import { ownerOfNames } from '../names/owner-of-names.js'
import { BootClock } from '../process/boot-clock.js'
import { RecentMap } from '../recent-map.js'
import { CgroupDirectories, type DirectoryCounts } from './cgroup-directories.js'
import type { CgroupNameSource } from './cgroup-name-source.js'
import { type CgroupRung, cgroupRungs } from './cgroup-rungs.js'
import { hostHierarchies } from './host-hierarchies.js'
import { hostMounts } from './host-mounts.js'
import { isSure } from './is-sure.js'
import { ProcessCgroups } from './process-cgroups.js'

/** How a {@link CgroupResolver} is made. */
export interface CgroupResolverOptions {
  /** The first rung: what the kernel's programs noted. */
  readonly source?: CgroupNameSource
  /** Where the host's processes are told. Default: /proc. */
  readonly proc?: string
  /** Cgroups, and processes, that are remembered. Default: 4096 of each. */
  readonly entries?: number
  /** How many processes are looked at in a second, for cgroups that nothing else tells of: 50 µs each. Default: 500. */
  readonly readsPerSecond?: number
  readonly clock?: BootClock
}

/** What came of asking: each question is counted once, in one of the first five. */
export interface ResolverCounts extends DirectoryCounts {
  /** Answered from memory. */
  readonly cached: number
  /** By what the kernel's programs noted. */
  readonly source: number
  /** By the directories that were walked. The root is told without. */
  readonly directory: number
  /** By /proc of the event's process. */
  readonly process: number
  /** Not answered. */
  readonly unresolved: number
  /** Processes that were not looked at, for there were too many in a second. */
  readonly refused: number
  /** Times that the source failed. */
  readonly failed: number
  /** What was forgotten to make room. */
  readonly evicted: number
}

/**
 * Whose the cgroups of events are. Each is resolved once and remembered by its key. For one that is new the source is asked,
 * then the directories that were found before, then the event's process. Where none knows, the cgroup file system is walked in
 * the background: the next event of the same cgroup may be resolved.
 */
export class CgroupResolver {
  readonly #source: CgroupNameSource | undefined
  readonly #owners: RecentMap<CgroupKey, CgroupOwner>
  /** Keys that nobody knew, and how many walks had been made then. */
  readonly #unknown: RecentMap<CgroupKey, number>
  readonly #directories: CgroupDirectories
  readonly #processes: ProcessCgroups
  /** Whether the host has cgroups of version 1 too. */
  readonly #hasV1: boolean
  /** What there is to ask, and what is missing: for people. */
  readonly rungs: readonly CgroupRung[]
  #cached = 0
  #fromSource = 0
  #fromDirectory = 0
  #fromProcess = 0
  #unresolved = 0
  #failed = 0

  constructor(options: CgroupResolverOptions = {}) {
    const { source, proc = '/proc', entries = 4096, readsPerSecond = 500, clock = new BootClock() } = options
    const host = hostHierarchies(proc)
    const mounts = hostMounts(readMounts(), host)
    this.#source = source
    this.#owners = new RecentMap(entries)
    this.#unknown = new RecentMap(entries)
    this.#directories = new CgroupDirectories(mounts)
    this.#processes = new ProcessCgroups(proc, host, mounts, clock, { entries, readsPerSecond })
    this.#hasV1 = host.v1Controller !== undefined
    this.rungs = cgroupRungs(source !== undefined, mounts, host)
  }

  /**
   * Whose a cgroup is; `undefined` if nobody knows, or not yet. Never throws.
   *
   * @param key the cgroup, as the event tells it
   * @param pid the event's process
   * @param timeNs when it happened, CLOCK_MONOTONIC
   */
  ownerOf(key: CgroupKey, pid: number, timeNs: number): CgroupOwner | undefined {
    const known = this.#owners.get(key)
    if (known !== undefined) {
      this.#cached++
      return known
    }
    const inode = inodeOfKey(key)
    const owner =
      this.#bySource(key, inode) ?? this.#byDirectory(key, inode) ?? this.#byProcess(key, inode, pid, timeNs)
    if (owner === undefined) {
      this.#unresolved++
      this.#want(key, inode)
    }
    return owner
  }

  /**
   * Whose a cgroup is, whatever the process: what `ownerOf` has found and remembers. `undefined` also where it has told the owner
   * of an event by the event’s process alone.
   */
  sureOwnerOf(key: CgroupKey): CgroupOwner | undefined {
    return this.#owners.get(key)
  }

  /** Looks at the cgroups that there are, so that they are known before their first event. Never rejects. */
  walk(): Promise<void> {
    return this.#directories.walk()
  }

  /** What came of asking so far. */
  counts(): ResolverCounts {
    return {
      cached: this.#cached,
      source: this.#fromSource,
      directory: this.#fromDirectory,
      process: this.#fromProcess,
      unresolved: this.#unresolved,
      refused: this.#processes.refused,
      failed: this.#failed,
      evicted: this.#owners.evicted + this.#processes.evicted,
      ...this.#directories.counts(),
    }
  }

  /** Ends what goes on in the background. */
  close(): void {
    this.#directories.close()
  }

  #bySource(key: CgroupKey, inode: CgroupInode | undefined): CgroupOwner | undefined {
    let names: readonly string[] | undefined
    try {
      // Of no cgroup nothing was noted, and what is no number cannot be asked for.
      if (inode !== undefined) names = this.#source?.names(key)
    } catch {
      // What it stands on is closed, or out of order: the other rungs go on.
      this.#failed++
    }
    const owner = names === undefined ? undefined : ownerIfSure(names)
    if (owner === undefined) return undefined
    this.#fromSource++
    return this.#remember(key, owner)
  }

  #byDirectory(key: CgroupKey, inode: CgroupInode | undefined): CgroupOwner | undefined {
    if (inode === undefined) return undefined
    const names = inode.inode === ROOT_INODE ? [] : this.#directories.names(inode)
    const owner = names === undefined ? undefined : ownerIfSure(names)
    if (owner === undefined || !this.#tells(inode, owner)) return undefined
    this.#fromDirectory++
    return this.#remember(key, owner)
  }

  #byProcess(
    key: CgroupKey,
    inode: CgroupInode | undefined,
    pid: number,
    timeNs: number,
  ): CgroupOwner | undefined {
    const found = this.#processes.find(inode, pid, timeNs)
    if (found === undefined) return undefined
    this.#fromProcess++
    return found.certain ? this.#remember(key, found.owner) : found.owner
  }

  /**
   * Whether a cgroup alone tells whose its processes are. Where the host has cgroups of version 1 too, containers may be made in
   * those alone, and of version 2 be in their runtime's own cgroup, or in the root.
   */
  #tells({ version }: CgroupInode, { kind }: CgroupOwner): boolean {
    return version === 1 || !this.#hasV1 || kind === 'container' || kind === 'pod'
  }

  #remember(key: CgroupKey, owner: CgroupOwner): CgroupOwner {
    this.#owners.set(key, owner)
    return owner
  }

  /** Walks for a cgroup that is not known, unless that was done in vain. */
  #want(key: CgroupKey, inode: CgroupInode | undefined): void {
    if (inode === undefined || inode.inode === ROOT_INODE || this.#directories.names(inode) !== undefined)
      return
    const { walks } = this.#directories.counts()
    const before = this.#unknown.get(key)
    if (before === undefined) this.#unknown.set(key, walks)
    // One may have been under way when it was asked for first, and have passed its place.
    if (before === undefined || walks < before + 2) this.#directories.want()
  }
}

/** Whose a cgroup with such names is; `undefined` where they do not tell for sure. */
function ownerIfSure(names: readonly string[]): CgroupOwner | undefined {
  const owner = ownerOfNames(names)
  return isSure(owner, names.at(-1) !== '..') ? owner : undefined
}
