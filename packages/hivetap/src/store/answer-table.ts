import { printable } from '../stream/printable.js'
import { textTable } from '../stream/text-table.js'

/** Characters of a cell at most: what is longer is cut, and ends in `…`. */
const WIDEST = 60

/**
 * A table for people of what is in a store, with its newlines. Control characters never get through.
 *
 * @param numbers which columns hold numbers
 */
export function answerTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly boolean[],
): string {
  const lines = textTable(
    headers.map(cell),
    rows.map((row) => row.map(cell)),
    numbers,
  )
  return `${lines.join('\n')}\n`
}

function cell(text: string): string {
  const characters = [...printable(text)]
  return characters.length <= WIDEST
    ? characters.join('')
    : [...characters.slice(0, WIDEST - 1), '…'].join('')
}
