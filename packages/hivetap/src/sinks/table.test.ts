import { execFileSync } from 'node:child_process'
import { readText } from '@hivetap/bpf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Column } from '../probes/tool.js'
import { Table } from './table.js'

type Row = readonly string[]

/** A table of texts. A cut is a column's precision, as in printf's `%-12.12s`. */
function tableOf(...shapes: readonly { readonly width: number; readonly cut?: number }[]): Table<Row> {
  return new Table<Row>(
    shapes.map(
      (shape, index): Column<Row> => ({ header: `H${index}`, ...shape, text: (row) => row[index] ?? '' }),
    ),
    () => undefined,
  )
}

/** What printf(1) makes of rows: it uses its format again for as long as there are arguments. */
function printf(format: string, rows: readonly Row[]): string[] {
  return execFileSync('printf', [`${format}\n`, ...rows.flat()], { encoding: 'utf8' })
    .split('\n')
    .slice(0, -1)
}

const ascii = (maxLength: number) => fc.string({ unit: 'grapheme-ascii', maxLength })
const anyUnicode = fc.string({ unit: 'binary', maxLength: 20 })

describe('Table', () => {
  it('pads and cuts as printf(1) does, also what is wider than its column', () => {
    const rows = fc.array(fc.tuple(ascii(9), ascii(20), ascii(4), ascii(24)), {
      minLength: 1,
      maxLength: 100,
    })
    const table = tableOf({ width: 6 }, { width: 12, cut: 12 }, { width: 2 }, { width: 16 })
    fc.assert(
      fc.property(rows, (random) => {
        const lines = random.map((row) => table.line(row))
        // The last column is not padded: bcc's `%.2f`.
        expect(lines).toEqual(printf('%-6s %-12.12s %-2s %s', random).map((line) => `${line}\n`))
      }),
      { numRuns: 20 },
    )
  })

  it('has its head in the same columns', () => {
    expect(tableOf({ width: 6 }, { width: 12, cut: 12 }, { width: 9 }).head).toBe(
      `${printf('%-6s %-12.12s %s', [['H0', 'H1', 'H2']])[0]}\n`,
    )
  })

  it('puts the remark behind the row, and makes it printable too', () => {
    const table = new Table<Row>([{ header: 'H', width: 4, text: () => 'x' }], () => 'sent\u001bagain')
    expect(table.line([])).toBe('x sent?again\n')
  })

  it('has an empty line for no columns', () => {
    expect(tableOf().line([])).toBe('\n')
  })
})

describe('a table’s width', () => {
  // bcc's tool in Python writes '%-12.12s' % text: characters are cut and padded, whatever bytes they take.
  it.each([
    { name: 'umlauts of two bytes', text: 'größeräöüßabc', row: 'größeräöüßab|' },
    { name: 'emoji, two places in a string', text: '🐝🐝', row: '🐝🐝          |' },
    { name: 'emoji to be cut', text: '🐝'.repeat(13), row: `${'🐝'.repeat(12)}|` },
    { name: 'emoji that fit', text: '🐝'.repeat(12), row: `${'🐝'.repeat(12)}|` },
    { name: 'an accent as a character of its own', text: 'cafe\u0301', row: 'cafe\u0301       |' },
    { name: 'nothing', text: '', row: '            |' },
  ])('counts characters: $name', ({ text, row }) => {
    const table = tableOf({ width: 12, cut: 12 }, { width: 1 })
    expect(table.line([text, '|'])).toBe(`${row.slice(0, -1)} |\n`)
  })

  it('is the width or the text’s length, in characters, for any text', () => {
    const table = tableOf({ width: 12, cut: 12 }, { width: 1 })
    fc.assert(
      fc.property(anyUnicode, (text) => {
        const cell = [...table.line([text, '']).slice(0, -2)]
        expect(cell).toHaveLength(12)
      }),
    )
  })

  it('splits no pair of surrogates', () => {
    const table = tableOf({ width: 5, cut: 5 })
    fc.assert(fc.property(anyUnicode, (text) => !/\p{Surrogate}/u.test(table.line([text]))))
  })
})

describe('a row for any name that the kernel may have', () => {
  it('is one line, with nothing that a terminal acts on', () => {
    const table = tableOf({ width: 6 }, { width: 12, cut: 12 }, { width: 1 })
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(bytes, (comm) => {
        const name = readText(new DataView(comm.buffer, comm.byteOffset, 16), 0, 16)
        const line = table.line(['1', name, 'x'])
        expect(line).toMatch(
          /^1 {6}[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]+ x\n$/u,
        )
      }),
      { numRuns: 2000 },
    )
  })
})
