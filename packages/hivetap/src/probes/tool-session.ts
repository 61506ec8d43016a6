import type { BpfMap, Link, Program, RecordBuffer } from '@hivetap/bpf'
import type { Balance } from './balance.js'
import { type FilterOptions, fillFilters } from './filters.js'
import { balanceOf, type Ledger, type Received, sumLedgers } from './ledger.js'
import type { Placement, Session } from './tool.js'

/** What the objects of all tools have: the maps `events`, `ledgers` (ledger.h) and `cgroups` (filters.h), and programs. */
export interface LoadedTool<E> {
  readonly maps: {
    readonly events: RecordBuffer<E>
    readonly ledgers: BpfMap<number, readonly Ledger[]>
    readonly cgroups: BpfMap<number, number>
  }
  readonly programs: Readonly<Record<string, Program>>
  close(): void
}

/** How a tool is brought into the kernel at a place of its ladder. */
export interface Plan<E, L extends LoadedTool<E>> {
  readonly placement: Placement
  readonly filters: FilterOptions
  /** Fields that nothing can fill there, with what would. */
  readonly missing: ReadonlyMap<string, string>
  readonly load: () => L
  /** The programs that are attached. */
  readonly programs: readonly (keyof L['programs'])[]
  /** Fills maps before anything is attached. */
  readonly prepare?: (loaded: L) => void
}

/**
 * Loads a tool and attaches it; what was created until something fails is given back.
 *
 * @throws {BpfError} if it cannot be had there
 */
export function openSession<E, L extends LoadedTool<E>>(plan: Plan<E, L>): Session<E> {
  const loaded = plan.load()
  try {
    fillFilters(loaded.maps, plan.filters)
    plan.prepare?.(loaded)
    const programs = plan.programs.map((name) => loaded.programs[name as string] as Program)
    return new ToolSession(
      plan,
      loaded,
      programs,
      programs.map((program) => program.attach()),
    )
  } catch (error) {
    loaded.close()
    throw error
  }
}

class ToolSession<E> implements Session<E> {
  readonly placement: Placement
  readonly missing: ReadonlyMap<string, string>
  readonly #loaded: LoadedTool<E>
  readonly #programs: readonly Program[]
  readonly #links: readonly Link[]

  constructor(
    { placement, missing }: Pick<Session<E>, 'placement' | 'missing'>,
    loaded: LoadedTool<E>,
    programs: readonly Program[],
    links: readonly Link[],
  ) {
    this.placement = placement
    this.missing = missing
    this.#loaded = loaded
    this.#programs = programs
    this.#links = links
  }

  get events(): RecordBuffer<E> {
    return this.#loaded.maps.events
  }

  balance(received: Received): Balance {
    const missedRuns = this.#programs.reduce((sum, program) => sum + program.statistics().missed, 0)
    return balanceOf(sumLedgers(this.#loaded.maps.ledgers.get(0) ?? []), received, missedRuns)
  }

  detach(): void {
    for (const link of this.#links) link.close()
  }

  close(): void {
    this.#loaded.close()
  }
}
