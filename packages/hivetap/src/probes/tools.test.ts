import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Option } from 'commander'
import { describe, expect, it } from 'vitest'
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
    for (const field of tool.fields) {
      expect(field.name).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(field.doc, field.name).not.toBe('')
    }
    const envelope = ['version', 'event_id', 'time', 'host', 'tool']
    expect(duplicates([...envelope, ...tool.fields.map((field) => field.name)])).toEqual([])
  })

  const everything = Object.fromEntries(tool.flags.map((flag) => [flag.name, true]))

  it('has columns of fields that there are', () => {
    const fields = tool.fields.map((field) => field.name)
    expect(fields).toEqual(
      expect.arrayContaining(tool.columns(everything).flatMap((column) => column.field ?? [])),
    )
  })

  it('has columns that their headers fit into', () => {
    for (const options of [{}, everything]) {
      const columns = tool.columns(options)
      expect(duplicates(columns.map((column) => column.header))).toEqual([])
      for (const column of columns)
        expect(column.header.length, column.header).toBeLessThanOrEqual(column.width)
    }
  })
})
