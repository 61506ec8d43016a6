import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Output } from './output.js'
import { type LineFormat, TextSink } from './text-sink.js'

let folder = ''
let fd = -1

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-sink-'))
  fd = openSync(join(folder, 'out'), 'w')
})

afterEach(() => {
  closeSync(fd)
  rmSync(folder, { recursive: true })
})

const written = () => readFileSync(join(folder, 'out'), 'utf8')
const never = new AbortController().signal

class Words implements LineFormat<string> {
  readonly head = 'WORD\n'
  #batch = 0

  beginBatch(): void {
    this.#batch++
  }

  line(event: string): string {
    return `${this.#batch} ${event}\n`
  }
}

describe('TextSink', () => {
  it('writes the head once, then the lines, and counts the lines alone', async () => {
    const sink = new TextSink(new Words(), new Output(fd))
    await sink.open(never)
    expect(written()).toBe('WORD\n')
    expect(sink.delivered).toBe(0)
    for (const batch of [['a', 'b'], [], ['c']]) {
      sink.beginBatch()
      for (const word of batch) sink.take(word)
      await sink.flush(never)
    }
    sink.close()
    expect(written()).toBe('WORD\n1 a\n1 b\n3 c\n')
    expect(sink.delivered).toBe(3)
  })

  it('writes nothing before it is told to', async () => {
    const sink = new TextSink(new Words(), new Output(fd))
    sink.beginBatch()
    sink.take('a')
    expect(written()).toBe('')
    expect(sink.delivered).toBe(0)
    await sink.flush(never)
    expect(written()).toBe('1 a\n')
    sink.close()
  })

  it('is closed when its output is, and delivers nothing more', async () => {
    const sink = new TextSink(new Words(), new Output(fd))
    expect(sink.closed).toBe(false)
    sink.close()
    expect(sink.closed).toBe(true)
    sink.beginBatch()
    sink.take('a')
    await sink.flush(never)
    expect(sink.delivered).toBe(0)
    expect(written()).toBe('')
  })
})
