/** A table of texts: columns as wide as what is in them, those of numbers on the right. */
export function textTable(
  headers: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  const widths = headers.map((header, column) =>
    rows.reduce((width, row) => Math.max(width, String(row[column] ?? '').length), header.length),
  )
  const isNumber = headers.map((_, column) => typeof rows[0]?.[column] === 'number')
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return isNumber[column] === true ? String(cell).padStart(width) : String(cell).padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [headers, ...rows].map(line)
}
