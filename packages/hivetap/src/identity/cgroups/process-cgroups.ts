import type { CgroupInode } from '../../probes/cgroup-key.js'
import { namesOfPath } from '../../probes/cgroups/cgroup-path.js'
import type { HierarchyMount } from '../../probes/cgroups/hierarchy-mount.js'
import type { CgroupOwner } from '../cgroup-owner.js'
import { ownerOfNames } from '../names/owner-of-names.js'
import type { BootClock } from '../process/boot-clock.js'
import { ReadBudget } from '../process/read-budget.js'
import { readStat } from '../process/read-process.js'
import { RecentMap } from '../recent-map.js'
import type { CgroupLine } from './cgroup-lines.js'
import { type HostHierarchies, lineOf, linesOf } from './host-hierarchies.js'
import { inodeAt } from './host-mounts.js'
import { isSure } from './is-sure.js'

/** Whose the cgroup of a process is. */
export interface FoundOwner {
  readonly owner: CgroupOwner
  /** Whether it is that of the cgroup that was asked for, whatever the process: its directory has that inode. */
  readonly certain: boolean
}

/** What was found before of a process. */
interface Entry {
  /** Of what cgroup it was asked. */
  readonly inode: number
  readonly startTicks: number
  readonly owner: CgroupOwner
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly until: number
}

/** What a process is in is read anew after that time, where its key does not tell that it has moved. */
const FRESH_NS = 50e6

/**
 * Owners by way of a process that is there still: /proc/PID/cgroup. A process may have moved since the event, and its pid may be
 * another's by now. So the directory with the path that is read is looked at: it must have the inode that the event tells. Where
 * it cannot be seen, the process must at least have begun before the event.
 */
export class ProcessCgroups {
  readonly #proc: string
  readonly #host: HostHierarchies
  readonly #mounts: readonly HierarchyMount[]
  readonly #clock: BootClock
  readonly #budget: ReadBudget
  readonly #recent: RecentMap<number, Entry>

  /**
   * @param entries processes that are remembered
   * @param readsPerSecond how many are looked at in a second: about 50 µs each
   */
  constructor(
    proc: string,
    host: HostHierarchies,
    mounts: readonly HierarchyMount[],
    clock: BootClock,
    { entries, readsPerSecond }: { readonly entries: number; readonly readsPerSecond: number },
  ) {
    this.#proc = proc
    this.#host = host
    this.#mounts = mounts
    this.#clock = clock
    this.#budget = new ReadBudget(readsPerSecond)
    this.#recent = new RecentMap(entries)
  }

  /** How many processes were not looked at, for there were too many in a second. */
  get refused(): number {
    return this.#budget.refused
  }

  /** Processes that were forgotten to make room. */
  get evicted(): number {
    return this.#recent.evicted
  }

  /**
   * Whose the cgroup of a process was at a time.
   *
   * @param inode the cgroup that the event tells of; `undefined` if it tells none
   * @param timeNs CLOCK_MONOTONIC
   */
  find(inode: CgroupInode | undefined, pid: number, timeNs: number): FoundOwner | undefined {
    if (!this.#host.processes) return undefined
    const recent = this.#recent.get(pid)
    if (
      recent !== undefined &&
      recent.inode === placeOf(inode) &&
      timeNs <= recent.until &&
      this.#clock.hadBegun(recent.startTicks, timeNs)
    )
      return { owner: recent.owner, certain: false }
    const now = this.#clock.measure()
    return this.#budget.take(now) ? this.#read(inode, pid, timeNs, now) : undefined
  }

  #read(inode: CgroupInode | undefined, pid: number, timeNs: number, now: number): FoundOwner | undefined {
    const stat = readStat(this.#proc, pid)
    const lines = stat === undefined ? [] : linesOf(this.#proc, pid)
    if (stat === undefined || lines.length === 0) return undefined
    const there = inode === undefined ? undefined : this.#inodeIn(lines, inode.version)
    // It has moved, or is another process.
    if (inode !== undefined && there !== undefined && there !== inode.inode) return undefined
    const tells = inode !== undefined && this.#tells(inode)
    const owner = tells ? this.#ownerOfLine(this.#lineOf(lines, inode.version)) : this.#ownerOfLines(lines)
    if (owner === undefined) return undefined
    if (tells && there !== undefined) return { owner, certain: true }
    if (!this.#clock.hadBegun(stat.startTicks, timeNs)) return undefined
    // The lines are read after the first: between the two the pid may have been given to another process.
    if (readStat(this.#proc, pid)?.startTicks !== stat.startTicks) return undefined
    const until = tells ? Number.POSITIVE_INFINITY : now + FRESH_NS
    this.#recent.set(pid, { inode: placeOf(inode), startTicks: stat.startTicks, owner, until })
    return { owner, certain: false }
  }

  /** Whether a cgroup's own names tell whose it is: where there are both versions, those of version 2 do not. */
  #tells({ version }: CgroupInode): boolean {
    return version === 1 || this.#host.v1Controller === undefined
  }

  #lineOf(lines: readonly CgroupLine[], version: 1 | 2): CgroupLine | undefined {
    return lineOf(lines, version, this.#host.v1Controller)
  }

  /** The inode of the cgroup that a process is in; `undefined` where it cannot be seen. */
  #inodeIn(lines: readonly CgroupLine[], version: 1 | 2): number | undefined {
    const line = this.#lineOf(lines, version)
    const mount = this.#mounts.find((one) => one.version === version)
    return line === undefined || mount === undefined ? undefined : inodeAt(mount, line.path)
  }

  #ownerOfLine(line: CgroupLine | undefined): CgroupOwner | undefined {
    if (line === undefined) return undefined
    const owner = ownerOfNames(namesOfPath(line.path))
    return isSure(owner, this.#host.isWhole(line.version, line.path)) ? owner : undefined
  }

  /**
   * What the hierarchies of both versions say together. If one is not sure, the other’s word for a container or a pod counts, and
   * not that there is none.
   */
  #ownerOfLines(lines: readonly CgroupLine[]): CgroupOwner | undefined {
    const owners = [this.#lineOf(lines, 1), this.#lineOf(lines, 2)]
      .filter((line) => line !== undefined)
      .map((line) => this.#ownerOfLine(line))
    const ofKind = (kind: CgroupOwner['kind']) => owners.find((owner) => owner?.kind === kind)
    const inside = ofKind('container') ?? ofKind('pod')
    if (inside !== undefined || owners.includes(undefined)) return inside
    return ofKind('unit') ?? ofKind('host')
  }
}

function placeOf(inode: CgroupInode | undefined): number {
  if (inode === undefined) return 0
  return inode.version === 1 ? -inode.inode : inode.inode
}
