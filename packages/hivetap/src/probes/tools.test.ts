import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { COUNT_FLAGS } from './counting.js'
import { FILTER_FLAGS } from './filters.js'
import { type Flag, RUNGS } from './tool.js'
import { TOOLS } from './tools.js'

const duplicates = (texts: readonly (string | undefined)[]) =>
  texts.filter((text, index) => text !== undefined && texts.indexOf(text) !== index)

const wordsOf = ({ flags }: Pick<Flag, 'flags'>) => flags.match(/(?<![^ ])--?[a-zA-Z0-9-]+/g) ?? []

/** Flags that every tool has: cli/tool-command.ts. */
const COMMON = [
  '-o',
  '-v',
  '-h',
  '--output',
  '--duration',
  '--stats',
  '--hook',
  '--buffer',
  '--verbose',
  '--help',
]

describe('tools', () => {
  it('are the folders here that hold a program and a definition: npm run generate lists them', () => {
    const here = fileURLToPath(new URL('.', import.meta.url))
    const folders = readdirSync(here).filter((name) =>
      [`${name}.bpf.c`, `${name}.ts`].every((file) => existsSync(`${here}/${name}/${file}`)),
    )
    expect(TOOLS.map((tool) => tool.name)).toEqual(folders.sort())
  })

  it('have names that differ', () => {
    expect(duplicates(TOOLS.map((tool) => tool.name))).toEqual([])
  })
})

describe.each(TOOLS)('the definition of $name', (tool) => {
  const everything = Object.fromEntries(tool.flags.map((flag) => [flag.name, true]))

  /** What it shows, and where it can count, what it shows of that. */
  const shown = [
    { columns: tool.columns, fields: () => tool.fields },
    ...(tool.counting === undefined ? [] : [tool.counting]),
  ]

  it('names each option as commander will', () => {
    expect(tool.flags.map((flag) => new Option(flag.flags).attributeName())).toEqual(
      tool.flags.map((flag) => flag.name),
    )
  })

  it('has each flag once, and none that all tools have', () => {
    for (const { flags } of tool.flags) expect(flags).toMatch(/^(-[a-zA-Z0-9], )?--[a-z0-9-]+( <[^<>]+>)?$/)
    const own = tool.flags.map((flag) => flag.name)
    const filters = Object.values(FILTER_FLAGS).filter(({ name }) => !own.includes(name))
    expect(duplicates([...tool.flags, ...filters].flatMap(wordsOf).concat(COMMON))).toEqual([])
  })

  it('reads a value for the flags that have one, and for no other', () => {
    for (const flag of [...tool.flags, ...Object.values(FILTER_FLAGS)])
      expect(flag.flags.includes('<'), flag.flags).toBe(flag.parse !== undefined)
  })

  it('has conflicts with flags that there are', () => {
    const names = tool.flags.map((flag) => flag.name)
    expect(names).toEqual(expect.arrayContaining(tool.flags.flatMap((flag) => flag.conflicts ?? [])))
  })

  it('has flags that need others that there are', () => {
    const names = tool.flags.map((flag) => flag.name)
    expect(names).toEqual(expect.arrayContaining(tool.flags.flatMap((flag) => flag.needs ?? [])))
  })

  it('has the flags of counting where it can count, and nowhere else', () => {
    const flags = tool.flags.filter(({ name }) => name in COUNT_FLAGS)
    expect(flags).toMatchObject(tool.counting === undefined ? [] : Object.values(COUNT_FLAGS))
  })

  it('sets its argument where no flag does', () => {
    expect(tool.flags.map((flag) => flag.name)).not.toContain(tool.argument?.option)
  })

  it('has its rungs best first', () => {
    expect(tool.rungs).toEqual(RUNGS.filter((rung) => tool.rungs.includes(rung)))
    expect(tool.rungs.length).toBeGreaterThan(0)
  })

  it('has its sizes largest first', () => {
    for (const [index, size] of tool.sizes.slice(1).entries()) {
      expect(size.entries).toBeLessThan(tool.sizes[index]?.entries ?? 0)
      expect(size.bufferBytes).toBeLessThan(tool.sizes[index]?.bufferBytes ?? 0)
    }
  })

  it('says of each field what it is, in names that need no quoting and differ', () => {
    const envelope = ['version', 'event_id', 'time', 'host', 'tool']
    for (const fields of shown.map((each) => each.fields(everything))) {
      for (const field of fields) {
        expect(field.name).toMatch(/^[a-z][a-z0-9_]*$/)
        expect(field.doc, field.name).not.toBe('')
      }
      expect(duplicates([...envelope, ...fields.map((field) => field.name)])).toEqual([])
    }
  })

  it('has columns of fields that there are', () => {
    for (const { columns, fields } of shown) {
      for (const options of [{}, everything])
        expect(fields(options).map((field) => field.name)).toEqual(
          expect.arrayContaining(columns(options).flatMap((column) => column.field ?? [])),
        )
    }
  })

  it('has columns that their headers fit into', () => {
    for (const columns of [{}, everything].flatMap((options) => shown.map((each) => each.columns(options)))) {
      expect(duplicates(columns.map((column) => column.header))).toEqual([])
      for (const column of columns)
        expect(column.header.length, column.header).toBeLessThanOrEqual(column.width)
    }
  })
})
