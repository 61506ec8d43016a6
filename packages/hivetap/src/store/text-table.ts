import { printable } from '../stream/printable.js'

/** Characters of a cell at most: what is longer is cut, and ends in `…`. */
const WIDEST = 60

/**
 * A table for people: columns as wide as what is in them and two spaces apart, numbers on the right. Control characters
 * never get through.
 *
 * @param numbers which columns hold numbers
 */
export function textTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly boolean[],
): string {
  const cells = [headers, ...rows].map((row) => row.map((text) => cut([...printable(text)])))
  const widths = headers.map((_, column) =>
    cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  )
  const lines = cells.map((row) =>
    row
      .map((text, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - text.length)
        return numbers[column] === true ? space + text.join('') : text.join('') + space
      })
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

function cut(characters: string[]): string[] {
  return characters.length <= WIDEST ? characters : [...characters.slice(0, WIDEST - 1), '…']
}
