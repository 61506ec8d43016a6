import { execFileSync } from 'node:child_process'
import { readText } from '@hivetap/bpf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Column } from '../probes/tool.js'
import { Table } from './table.js'

type Row = readonly string[]

/** A table of texts. A cut is a column's precision, as in printf's `%-12.12s`. */
function tableOf(...shapes: readonly Pick<Column<Row>, 'width' | 'cut' | 'align'>[]): Table<Row> {
  return new Table<Row>(
    shapes.map(
      (shape, index): Column<Row> => ({ header: `H${index}`, ...shape, text: (row) => row[index] ?? '' }),
    ),
    () => undefined,
    new Map(),
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

  it('pads on the left where it is told to, the head and the last column too', () => {
    const rows = fc.array(fc.tuple(ascii(9), ascii(9), ascii(9), ascii(9)), { minLength: 1, maxLength: 100 })
    const table = tableOf(
      { width: 4, align: 'right' },
      { width: 5, cut: 5, align: 'right' },
      { width: 4 },
      { width: 3, align: 'right' },
    )
    const format = '%4s %5.5s %-4s %3s'
    expect(table.head).toBe(`${printf(format, [['H0', 'H1', 'H2', 'H3']])[0]}\n`)
    fc.assert(
      fc.property(rows, (random) => {
        expect(random.map((row) => table.line(row))).toEqual(
          printf(format, random).map((line) => `${line}\n`),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('puts the remark behind the row, and makes it printable too', () => {
    const table = new Table<Row>(
      [{ header: 'H', width: 4, text: () => 'x' }],
      () => 'sent\u001bagain',
      new Map(),
    )
    expect(table.line([])).toBe('x sent?again\n')
  })

  it('has an empty line for no columns', () => {
    expect(tableOf().line([])).toBe('\n')
  })
})

describe('what there is none of', () => {
  const column = (header: string, rest: Partial<Column<Row>> = {}): Column<Row> => ({
    header,
    width: 3,
    text: (row) => row[0],
    ...rest,
  })
  const line = (columns: readonly Column<Row>[], missing: readonly string[], row: Row) =>
    new Table<Row>(columns, () => undefined, new Map(missing.map((name) => [name, 'Linux 5.9']))).line(row)

  it('is a dash where an event has none of it, and only there', () => {
    expect(line([column('A'), column('B', { align: 'right' }), column('C')], [], [])).toBe('-     - -\n')
    expect(line([column('A'), column('B')], [], [''])).toBe('    \n')
  })

  it('is a dash in the columns of a field that nothing can fill here, whatever the event holds', () => {
    const columns = [column('A', { field: 'a' }), column('B', { field: 'b' }), column('C')]
    expect(line(columns, [], ['0'])).toBe('0   0   0\n')
    expect(line(columns, ['b', 'z'], ['0'])).toBe('0   -   0\n')
  })

  it('is a dash where one of several fields is missing', () => {
    const columns = [column('A', { field: ['a', 'b'] }), column('B', { field: [] })]
    expect(line(columns, ['b'], ['7'])).toBe('-   7\n')
    expect(line(columns, ['c'], ['7'])).toBe('7   7\n')
  })

  it('leaves the head as it is', () => {
    const table = new Table<Row>([column('A', { field: 'a' })], () => undefined, new Map([['a', 'BTF']]))
    expect(table.head).toBe('A\n')
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
