import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Output } from './output.js'
import type { LineFormat } from './text-sink.js'
import { TracedSink } from './traced-sink.js'

let folder = ''
let fd = -1

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-traced-'))
  fd = openSync(join(folder, 'out'), 'w')
})

afterEach(() => {
  closeSync(fd)
  rmSync(folder, { recursive: true })
})

const never = new AbortController().signal

const format = (name: string): LineFormat<unknown> => ({
  head: `${name}\n`,
  beginBatch: () => undefined,
  line: (event) => `${name} ${event}\n`,
})

describe('TracedSink', () => {
  it('writes the events of all tools in the order in which they come, and counts each for its tool', async () => {
    const sink = new TracedSink(
      [
        { tool: 'one', format: format('one') },
        { tool: 'two', format: format('two'), wanted: (event) => event !== 'no' },
      ],
      new Output(fd),
    )
    await sink.open(never)
    sink.beginBatch()
    for (const [toolIndex, event] of [
      [1, 'a'],
      [0, 'b'],
      [1, 'no'],
      [1, 'c'],
    ] as const)
      sink.take({ toolIndex, event })
    expect(sink.deliveredOf(1)).toBe(0)
    await sink.flush(never)
    sink.take({ toolIndex: 0, event: 'd' })
    await sink.flush(never)
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('one\ntwo\ntwo a\none b\ntwo c\none d\n')
    expect([sink.delivered, sink.deliveredOf(0), sink.deliveredOf(1)]).toEqual([4, 2, 2])
    expect([sink.unwantedOf(0), sink.unwantedOf(1)]).toEqual([0, 1])
    sink.close()
  })

  it('counts nothing for what was not written', async () => {
    const full = openSync('/dev/full', 'w')
    const sink = new TracedSink([{ tool: 'one', format: format('one') }], new Output(full))
    sink.take({ toolIndex: 0, event: 'a' })
    await expect(sink.flush(never)).rejects.toThrow('ENOSPC')
    expect([sink.delivered, sink.deliveredOf(0)]).toEqual([0, 0])
    expect(sink.closed).toBe(true)
    sink.close()
    closeSync(full)
  })
})
