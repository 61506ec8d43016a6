/** Rows of a table, by the names of its columns; lines that are no row of it are left out. */
export function tableRows(text: string): Readonly<Record<string, string>>[] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const head = lines.findIndex((cells) => cells.includes('PID') && cells.includes('COMM'))
  const names = lines[head]
  if (names === undefined) return []
  return lines
    .slice(head + 1)
    .filter((cells) => cells.length === names.length)
    .map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])))
}

/** Events of connects among the records of a topic: not accounts, and not what other tools tell. */
export function connectsIn(lines: readonly string[]): Readonly<Record<string, unknown>>[] {
  return lines
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter((record) => record['record'] === undefined && record['tool'] === 'tcpconnlat')
}
