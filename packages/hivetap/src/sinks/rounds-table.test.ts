import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Output } from './output.js'
import { RoundsTable } from './rounds-table.js'
import { Table } from './table.js'
import { TextSink } from './text-sink.js'

it('has a head for each round, and counts the rows alone', async () => {
  const never = new AbortController().signal
  const folder = mkdtempSync(join(tmpdir(), 'hivetap-rounds-'))
  const fd = openSync(join(folder, 'out'), 'w')
  try {
    const columns = [{ header: 'ROUND', width: 5, text: (round: number) => String(round) }]
    const table = new RoundsTable(new Table<number>(columns, () => undefined, new Map()), (round) => round)
    const sink = new TextSink(table, new Output(fd))
    await sink.open(never)
    for (const batch of [[], [1, 1], [1], [2, 2, 3]]) {
      sink.beginBatch()
      for (const round of batch) sink.take(round)
      await sink.flush(never)
    }
    expect(sink.delivered).toBe(6)
    sink.close()
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('ROUND\n1\n1\n1\n\nROUND\n2\n2\n\nROUND\n3\n')
  } finally {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  }
})
