import { BpfError, InvalidSpecError, type SharedRecords } from '@hivetap/bpf'
import type { ToolParts } from '../probes/keeper.js'
import type { AnyTool, Attached, Placement } from '../probes/tool.js'
import type { NameAccess } from '../probes/tool-names.js'
import { namesOf } from '../probes/tool-session.js'
import type { WantedTool } from './build-run.js'
import { identityOf, layoutOf } from './identity.js'
import { type KeptParts, openParts } from './kept-parts.js'
import type { ToolPlaces } from './places.js'
import type { KeptTool } from './record.js'

/** A tool that is attached, as an earlier process left it. */
export interface FoundTool {
  readonly name: string
  /** `undefined` where this hivetap does not know its events: another hivetap had attached it. */
  readonly tool: AnyTool | undefined
  /** `undefined` where its account cannot be read. */
  readonly parts: KeptParts | undefined
  /**
   * The cgroups and programs that its events are of, and the cgroups that are wanted; `undefined` where its maps cannot be read.
   */
  readonly names: NameAccess | undefined
  /** Whether it goes by what is said of cgroups. */
  readonly filtersCgroups: boolean
  /** What only user space can leave out, by its options. */
  readonly wanted: ((event: unknown) => boolean) | undefined
  /** Of a tool that is gone on with: where it is on its ladder, and what it misses there. */
  readonly attached: Pick<Attached, 'placement' | 'missing'> | undefined
}

/**
 * Finds a tool again that is to go on.
 *
 * @throws {InvalidSpecError} if what is attached is another object, or was asked otherwise, or something of it is gone
 * @throws {BpfError} if it cannot be opened
 */
export function findTool(
  { tool, options, rung }: WantedTool,
  kept: KeptTool,
  { places, shared, toolIndex }: { places: ToolPlaces; shared: SharedRecords; toolIndex: number },
): FoundTool {
  const { name } = tool
  if (kept.name !== name) throw otherwise(`${kept.name} is attached in place of ${name}`)
  if (rung !== undefined && rung !== kept.rung)
    throw otherwise(`${name} is attached by ${kept.rung}, not by ${rung}`)
  let parts: KeptParts | undefined
  let names: NameAccess | undefined
  const placement = { rung: kept.rung, buffer: 'ringbuf', sizes: kept.sizes, shared, toolIndex } as const
  const keeper = {
    find: (found: ToolParts) => {
      if (identityOf(name, options, found, placement) !== kept.identity)
        throw otherwise(`${name} is attached with another object, or other options`)
      parts = openParts(places, kept.programs, found.object)
      names = namesOf(found, parts)
      return parts
    },
    keep: () => {},
  }
  const { missing } = tool.open(options, { ...placement, keeper })
  const filtersCgroups = parts?.nameMaps.wanted !== undefined
  const wanted = tool.wanted?.(options)
  return { name, tool, parts, names, filtersCgroups, wanted, attached: { placement, missing } }
}

function otherwise(what: string): InvalidSpecError {
  return new InvalidSpecError(what)
}

/**
 * Finds a tool again that is to be ended: as much of it as is there and can be read.
 *
 * @param tools those that this hivetap knows
 */
export function findRetired(
  kept: KeptTool,
  tools: readonly AnyTool[],
  { places, shared, toolIndex }: { places: ToolPlaces; shared: SharedRecords; toolIndex: number },
): FoundTool {
  const { name } = kept
  const candidate = tools.find((known) => known.name === name)
  const placement = { rung: kept.rung, buffer: 'ringbuf', sizes: kept.sizes, shared, toolIndex } as const
  const made = candidate === undefined ? undefined : partsOf(candidate, placement)
  const same = made !== undefined && layoutOf(made.object.spec()) === kept.layout
  const tool = same ? candidate : undefined
  let parts: KeptParts | undefined
  try {
    parts = same ? openParts(places, kept.programs, made.object) : undefined
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
  }
  const names = same && parts !== undefined ? namesOf(made, parts) : undefined
  const filtersCgroups = parts?.nameMaps.wanted !== undefined
  const wanted = tool?.wanted?.(kept.options)
  return { name, tool, parts, names, filtersCgroups, wanted, attached: undefined }
}

/** What a tool is made of now; `undefined` where it cannot be had on that step of its ladder. */
function partsOf(tool: AnyTool, placement: Omit<Placement, 'keeper'>): ToolParts | undefined {
  let made: ToolParts | undefined
  const keeper = {
    find: (parts: ToolParts) => {
      made = parts
      // Nothing is to be loaded.
      throw otherwise('it was only asked for')
    },
    keep: () => {},
  }
  try {
    tool.open({}, { ...placement, keeper })
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
  }
  return made
}
