import { describe, expect, it } from 'vitest'
import type { Column, Field } from '../probes/tool.js'
import { JsonLines } from './json-lines.js'
import { RowLines } from './row-lines.js'
import { Table } from './table.js'

interface Word {
  readonly timeNs: number
  readonly text: string
}

const COLUMNS: readonly Column<Word>[] = [
  { header: 'TIME(s)', width: 8, clock: 'since_first', text: () => '0.000' },
  { header: 'WORD', width: 6, text: ({ text }) => text },
  { header: 'SIZE', width: 4, text: ({ text }) => String(text.length) },
]
const FIELDS: readonly Field<Word>[] = [
  { name: 'word', doc: 'It', type: 'string', value: ({ text }) => text },
]

function rowLines(columns = COLUMNS): RowLines<Word> {
  const missing = new Map<string, string>()
  const json = new JsonLines<Word>(
    { name: 'words', fields: FIELDS, timeNs: ({ timeNs }) => timeNs },
    { missing },
  )
  return new RowLines('words', json, columns, (shown) => new Table(shown, () => undefined, missing))
}

describe('RowLines', () => {
  it('begins with the columns, less those that tell when, and the clocks that they told', () => {
    const { head } = rowLines()
    expect(head.endsWith('}\n')).toBe(true)
    const record = JSON.parse(head) as Record<string, unknown>
    expect(record).toMatchObject({
      version: 1,
      tool: 'words',
      record: 'head',
      clocks: ['since_first'],
      head: 'WORD   SIZE',
    })
    expect(Math.abs(Date.parse(String(record['time'])) - Date.now())).toBeLessThan(60_000)
  })

  it.each(['one', '"quoted\\', '\u001b]0;x\u0007\u202e', '日本', ''])(
    'is the line of JSON with the row in it: %j',
    (text) => {
      const line = rowLines().line({ timeNs: 1e9, text })
      expect(line.endsWith('}\n')).toBe(true)
      const record = JSON.parse(line) as Record<string, string>
      expect(record['word']).toBe(text)
      expect(record['row']).toMatch(new RegExp(`^.* ${text.length}$`))
      expect(record['tool']).toBe('words')
      expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    },
  )

  it('tells accounts as JSON does', () => {
    const balance = {
      produced: 3,
      delivered: 2,
      filtered: 1,
      sampledOut: 0,
      inFlight: 0,
      dropped: new Map(),
      truncated: 0,
      missedRuns: 0,
    }
    expect(JSON.parse(rowLines().account({ tool: 'words', balance, ended: true }))).toMatchObject({
      record: 'ledger',
      ended: true,
      produced: 3,
    })
  })
})
