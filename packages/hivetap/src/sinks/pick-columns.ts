import type { Column } from '../probes/tool.js'
import { didYouMean } from '../settings/near-match.js'

/**
 * The columns of these names, in their order. A name is a header in any case; the unit in it may be left out: `lat` is
 * `LAT(ms)`.
 *
 * @throws {Error} that says which name is none, and which there are
 */
export function pickColumns<E>(
  columns: readonly Column<E>[],
  names: readonly string[],
): readonly Column<E>[] {
  const known = new Map<string, Column<E>>()
  for (const column of columns) {
    const name = nameOf(column)
    if (!known.has(name)) known.set(name, column)
  }
  return names.map((written) => {
    const column = known.get(nameOf({ header: written }))
    if (column !== undefined) return column
    const all = [...known.keys()]
    throw new Error(
      `There is no column ${JSON.stringify(written)}${didYouMean(written.toLowerCase(), all)}. There are: ${all.join(', ')}.`,
    )
  })
}

/** `LAT(ms)` → `lat` */
function nameOf({ header }: Pick<Column<never>, 'header'>): string {
  return header
    .replace(/\(.*\)$/, '')
    .trim()
    .toLowerCase()
}
