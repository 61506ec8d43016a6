/**
 * A table of texts, a line a row: columns as wide as what is in them and two spaces apart, numbers on the right. What is in the
 * cells is shown as it is.
 *
 * @param numbers which columns hold numbers
 */
export function textTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly boolean[],
): readonly string[] {
  // In characters, of which some are two units of a string.
  const cells = [headers, ...rows].map((row) => row.map((text) => ({ text, length: [...text].length })))
  const widths = headers.map((_, column) =>
    cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  )
  return cells.map((row) =>
    row
      .map(({ text, length }, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - length)
        return numbers[column] === true ? space + text : text + space
      })
      .join('  ')
      .trimEnd(),
  )
}
