import { existsSync } from 'node:fs'
import {
  InvalidSpecError,
  type Link,
  openPinnedLink,
  openPinnedProgram,
  type PinnedProgram,
} from '@hivetap/bpf'
import type { FoundParts, KeptMaps, KeptObject } from '../probes/keeper.js'
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
 * @param object that its maps are of
 * @throws {NotFoundError} {InvalidSpecError} if something is not there, or is something else
 * @throws {NotPermittedError} {SystemCallError}
 */
export function openParts(
  places: ToolPlaces,
  programs: readonly string[],
  object: Pick<KeptObject, 'openPinned'>,
): KeptParts {
  const owned = new Owned()
  try {
    const open = <K extends keyof KeptMaps>(map: K, path: string) =>
      owned.own(object.openPinned(map, path) as KeptMaps[K])
    const openIfThere = <K extends keyof KeptMaps>(map: K, path: string) =>
      existsSync(path) ? open(map, path) : undefined
    const ledgers = open('ledgers', places.ledgers)
    const nameMaps = {
      names: openIfThere('cgroupNames', places.cgroupNames),
      wanted: openIfThere('wantedCgroups', places.wantedCgroups),
      paths: openIfThere('programPaths', places.programPaths),
    }
    const found = programs.map((name) => owned.own(openPinnedProgram(places.program(name))))
    const links = programs.map((name) => owned.own(openPinnedLink(places.link(name))))
    const linkIds = links.map((link, index) => idOf(link, found[index] as PinnedProgram, places))
    return {
      ledgers,
      nameMaps,
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
