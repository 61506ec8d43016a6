// @ts-check
/** Tables with a column a kernel, as a page has them, cell by cell: for a run that tried some kernels alone. Pure. */

/**
 * @param {string} text sections with a table and its notes each
 * @param {readonly string[]} columns the kernels that are asked for
 * @param {readonly string[]} kernels all that a page may have
 * @returns {Map<string, string>} what stands in each cell, with its note in full, by where it is
 */
export function pageCells(text, columns, kernels) {
  /** @type {Map<string, string>} */
  const cells = new Map()
  for (const [index, section] of text.split(/^(?=### )/m).entries()) {
    const lines = section.split('\n')
    const title = lines.find((line) => line.startsWith('### ')) ?? String(index)
    const notes = new Map(
      lines.flatMap((line) => {
        const [, number, note] = /^(\d+)\. (.*)$/.exec(line) ?? []
        return number === undefined ? [] : [[number, note ?? '']]
      }),
    )
    const [head = [], , ...rows] = lines.filter((line) => line.startsWith('|')).map(cellsOf)
    let first = ''
    for (const row of rows) {
      first = row[0] || first
      const where = row.filter((_, at) => at > 0 && !kernels.includes(head[at] ?? ''))
      for (const [at, cell] of row.entries()) {
        const column = head[at] ?? ''
        if (!columns.includes(column) || cell === '') continue
        const value = cell.replace(/<sup>(\d+)<\/sup>/, (_, number) => notes.get(number) ?? '')
        cells.set([title, first, ...where, column].join(' / '), value)
      }
    }
  }
  return cells
}

/** @param {string} line */
function cellsOf(line) {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim())
}
