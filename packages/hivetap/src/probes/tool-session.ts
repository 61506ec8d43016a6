import { type BpfMap, InvalidSpecError, type Program, type RecordBuffer } from '@hivetap/bpf'
import type { Balance } from './balance.js'
import { type CountMap, type CountMeaning, CountReader } from './count-reader.js'
import type { CountSession, Counts } from './counting.js'
import { type FilterOptions, fillFilters } from './filters.js'
import type { AttachedParts, FoundParts, KeptObject, ToolParts } from './keeper.js'
import { balanceOf, type Ledger, type Received, sumLedgers } from './ledger.js'
import type { ProcessMark } from './processes/process-mark.js'
import type { PathsMap, ProgramPath } from './processes/program-path.js'
import type { WantedMap } from './said-of-cgroups.js'
import type { Attached, Placement, Session } from './tool.js'
import type { NamesMap } from './tool-cgroups.js'
import { type NameAccess, type NameMaps, ToolNames } from './tool-names.js'

/** What the objects of all tools have: the maps of ledger.h, filters.h, kept-cgroup-names.h and kept-program-paths.h, and programs. */
export interface Loaded {
  readonly maps: {
    readonly ledgers: BpfMap<number, readonly Ledger[]>
    readonly cgroups: BpfMap<number, number>
    readonly wantedCgroups: WantedMap
    readonly cgroupNames: NamesMap
    readonly programPaths: PathsMap
  }
  readonly programs: Readonly<Record<string, Program>>
  close(): void
}

/** What those have that tell of events: the map `events` besides. */
export interface LoadedTool<E> extends Loaded {
  readonly maps: Loaded['maps'] & { readonly events: RecordBuffer<E> }
}

/** What those have that count: the map `counts` besides. */
export interface LoadedCounter<K, V> extends Loaded {
  readonly maps: Loaded['maps'] & { readonly counts: CountMap<K, V> }
}

/** How a tool is brought into the kernel at a place of its ladder. */
export interface Plan<L extends Loaded> extends ToolParts {
  readonly placement: Placement
  /** Fields that nothing can fill there, with what would. */
  readonly missing: ReadonlyMap<string, string>
  readonly load: () => L
  /** The programs that are attached, in this order, and detached the last first. */
  readonly programs: readonly (keyof L['programs'] & string)[]
  /** Fills maps before anything is attached. */
  readonly prepare?: (loaded: L) => void
}

/**
 * The plan of an object that is loaded as it says, for what a tool was asked.
 *
 * @param given what of the plan the object is given, with the fields that are missing then, and how it tells of cgroups
 */
export function planOf<L extends Loaded, G extends Pick<Plan<L>, 'missing' | 'cgroups' | 'programs'>>(
  object: KeptObject & { load(plan: Omit<G, 'missing' | 'cgroups'>): L },
  { missing, cgroups, ...plan }: G,
  filters: FilterOptions,
  placement: Placement,
): Plan<L> {
  const { programs } = plan
  return {
    placement,
    filters,
    missing,
    cgroups,
    load: () => object.load(plan),
    programs,
    object,
    given: plan,
  }
}

/**
 * Loads a tool and attaches it; what was created until something fails is given back.
 *
 * @throws {BpfError} if it cannot be had there
 */
export function openSession<E, L extends LoadedTool<E>>(plan: Plan<L>): Session<E> {
  return attach(plan, (attachment, loaded) => new ToolSession<E>(attachment, loaded))
}

/**
 * The same of a tool that counts.
 *
 * @throws {BpfError} if it cannot be had there
 */
export function openCountSession<K, V, L extends LoadedCounter<K, V>>(
  plan: Plan<L>,
  meaning: CountMeaning<K, V>,
): CountSession<K> {
  return attach(plan, (attachment, loaded) => {
    if (loaded === undefined) throw new InvalidSpecError('A tool that counts is not kept')
    return new ToolCountSession(attachment, new CountReader(loaded.maps.counts, meaning))
  })
}

function attach<L extends Loaded, S>(
  plan: Plan<L>,
  session: (attachment: Attachment, loaded: L | undefined) => S,
): S {
  const { placement, missing } = plan
  const found = placement.keeper?.find(plan)
  if (found !== undefined)
    return session({ ...found, placement, missing, names: namesOf(plan, found) }, undefined)
  const loaded = plan.load()
  try {
    fillFilters(loaded.maps, plan.filters)
    plan.prepare?.(loaded)
    const programs = plan.programs.map((name) => loaded.programs[name] as Program)
    const links = programs.map((program) => program.attach())
    const parts = { ledgers: loaded.maps.ledgers, nameMaps: nameMapsOf(plan, loaded), programs, links }
    placement.keeper?.keep(plan, parts)
    const names = namesOf(plan, parts)
    return session({ ...parts, placement, missing, names, close: () => loaded.close() }, loaded)
  } catch (error) {
    loaded.close()
    throw error
  }
}

/** Those of its maps that the tool was loaded with. */
function nameMapsOf<L extends Loaded>({ cgroups: { constants } }: Plan<L>, { maps }: L): NameMaps {
  return {
    names: constants.namesKept ? maps.cgroupNames : undefined,
    wanted: constants.someCgroupKeys ? maps.wantedCgroups : undefined,
    paths: constants.pathsKept ? maps.programPaths : undefined,
  }
}

/** What a tool's parts tell of those whom its events are of. */
export function namesOf(
  { cgroups }: Pick<ToolParts, 'cgroups'>,
  { nameMaps, ledgers }: Pick<AttachedParts, 'nameMaps' | 'ledgers'>,
): ToolNames {
  return new ToolNames(cgroups, nameMaps, () => sumLedgers(ledgers.get(0) ?? []))
}

interface Attachment extends Pick<Attached, 'placement' | 'missing'>, Omit<FoundParts, 'nameMaps'> {
  readonly names: NameAccess
}

class AttachedTool implements Attached {
  readonly #attachment: Attachment

  constructor(attachment: Attachment) {
    this.#attachment = attachment
  }

  get placement(): Placement {
    return this.#attachment.placement
  }

  get missing(): ReadonlyMap<string, string> {
    return this.#attachment.missing
  }

  balance(received: Received): Balance {
    const { ledgers, programs } = this.#attachment
    const missedRuns = programs.reduce((sum, program) => sum + program.statistics().missed, 0)
    return balanceOf(sumLedgers(ledgers.get(0) ?? []), received, missedRuns)
  }

  get cgroupNamesMissing(): string | undefined {
    return this.#attachment.names.cgroupNamesMissing
  }

  cgroupNames(key: bigint): readonly string[] | undefined {
    return this.#attachment.names.cgroupNames(key)
  }

  cgroupNamesUnkept(): number {
    return this.#attachment.names.cgroupNamesUnkept()
  }

  wantCgroup(key: bigint): void {
    this.#attachment.names.wantCgroup(key)
  }

  leaveOutCgroup(key: bigint): boolean {
    return this.#attachment.names.leaveOutCgroup(key)
  }

  forgetCgroup(key: bigint): void {
    this.#attachment.names.forgetCgroup(key)
  }

  tellOtherCgroups(isTold: boolean): void {
    this.#attachment.names.tellOtherCgroups(isTold)
  }

  wantedCgroups(): readonly bigint[] {
    return this.#attachment.names.wantedCgroups()
  }

  leftOutCgroups(): readonly bigint[] {
    return this.#attachment.names.leftOutCgroups()
  }

  cgroupRoom(): number {
    return this.#attachment.names.cgroupRoom()
  }

  programPath(pid: number, mark: ProcessMark): ProgramPath | undefined {
    return this.#attachment.names.programPath(pid, mark)
  }

  programPathsUnkept(): number {
    return this.#attachment.names.programPathsUnkept()
  }

  detach(): void {
    // What is attached first sees beginnings, or looks after what others tell: without it, those would tell of ends alone.
    for (const link of [...this.#attachment.links].reverse()) link.close()
  }

  close(): void {
    this.#attachment.close()
  }
}

class ToolSession<E> extends AttachedTool implements Session<E> {
  readonly #loaded: LoadedTool<E> | undefined

  constructor(attachment: Attachment, loaded: LoadedTool<E> | undefined) {
    super(attachment)
    this.#loaded = loaded
  }

  get events(): RecordBuffer<E> {
    if (this.#loaded === undefined)
      throw new InvalidSpecError('The tool was found attached: its events are read where its buffer is')
    return this.#loaded.maps.events
  }
}

class ToolCountSession<K> extends AttachedTool implements CountSession<K> {
  readonly counts: Counts<K>

  constructor(attachment: Attachment, counts: Counts<K>) {
    super(attachment)
    this.counts = counts
  }
}
