import {
  type BpfMap,
  InvalidSpecError,
  type Link,
  openPinnedLink,
  openPinnedProgram,
  type PinnedProgram,
} from '@hivetap/bpf'
import type { FoundParts } from '../probes/keeper.js'
import type { Ledger } from '../probes/ledger.js'
import { Owned } from './owned.js'
import type { ToolPlaces } from './places.js'

/** The parts of a tool, opened where they are pinned. */
export interface KeptParts extends FoundParts {
  readonly programs: readonly PinnedProgram[]
  /** The numbers by which the kernel knows its links. */
  readonly linkIds: readonly number[]
}

/**
 * Opens the parts of a tool. A link that is closed is detached if its pin is gone.
 *
 * @param programs in the order in which they were attached
 * @param openLedgers opens the map of its account
 * @throws {NotFoundError} {InvalidSpecError} if something is not there, or is something else
 * @throws {NotPermittedError} {SystemCallError}
 */
export function openParts(
  places: ToolPlaces,
  programs: readonly string[],
  openLedgers: (path: string) => BpfMap<number, readonly Ledger[]>,
): KeptParts {
  const owned = new Owned()
  try {
    const ledgers = owned.own(openLedgers(places.ledgers))
    const found = programs.map((name) => owned.own(openPinnedProgram(places.program(name))))
    const links = programs.map((name) => owned.own(openPinnedLink(places.link(name))))
    const linkIds = links.map((link, index) => idOf(link, found[index] as PinnedProgram, places))
    return {
      ledgers,
      programs: found,
      linkIds,
      links,
      close: () => owned.close(),
    }
  } catch (error) {
    owned.close()
    throw error
  }
}

/** @throws {InvalidSpecError} if it attaches another program */
function idOf(link: Link, program: PinnedProgram, { folder }: ToolPlaces): number {
  const { id, programId } = link.info()
  if (programId === program.id) return id
  throw new InvalidSpecError(`A link in ${folder} attaches another program than the one beside it`)
}
