import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { batchOf, contextOf, sequencesOf } from '../../../../../test/support/batches.js'
import type { Destination } from '../../delivery/destination.js'
import { fileKind } from './file.js'

const signal = new AbortController().signal
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hivetap-file-'))
  cleanups.push(() => rmSync(path, { recursive: true }))
  return path
}

async function destination(
  path: string,
  options: Readonly<Record<string, unknown>> = {},
  notes: string[] = [],
): Promise<Destination> {
  const made = await fileKind.create(
    fileKind.config.parse({ type: 'file', path, ...options }),
    contextOf(notes),
  )
  cleanups.push(() => made.close())
  return made
}

const read = (path: string) => readFileSync(path, 'utf8')
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

describe('file: what is written', () => {
  it('is the records as they are, a line each, in a file that others may not read', async () => {
    const path = join(folder(), 'events.jsonl')
    const sink = await destination(path)
    const batch = batchOf(0, 3, () => ({ comm: 'a"b\u202e' }))
    expect(await sink.deliver(batch, signal)).toEqual([])
    expect(read(path)).toBe(batch.records.map(({ value }) => `${Buffer.from(value)}\n`).join(''))
    expect(statSync(path).mode & 0o137).toBe(0)
  })

  it('stands behind what is there', async () => {
    const path = join(folder(), 'events.jsonl')
    await (await destination(path)).deliver(batchOf(0, 3), signal)
    await (await destination(path)).deliver(batchOf(3, 2), signal)
    expect(sequencesOf(read(path))).toEqual(numbers(0, 5))
  })

  it('follows the path where another program moved the file, removed it or cut it', async () => {
    const directory = folder()
    const path = join(directory, 'events.jsonl')
    const notes: string[] = []
    const sink = await destination(path, { fsync: true }, notes)
    await sink.deliver(batchOf(0, 2), signal)
    renameSync(path, join(directory, 'moved'))
    await sink.deliver(batchOf(2, 2), signal)
    expect(sequencesOf(read(path))).toEqual([2, 3])
    expect(sequencesOf(read(join(directory, 'moved')))).toEqual([0, 1])
    rmSync(path)
    await sink.deliver(batchOf(4, 1), signal)
    writeFileSync(path, '')
    await sink.deliver(batchOf(5, 1), signal)
    expect(sequencesOf(read(path))).toEqual([5])
    expect(notes).toHaveLength(2)
  })
})

describe('file: half a line at the end', () => {
  it('is cut, wherever the crash was', async () => {
    const path = join(folder(), 'events.jsonl')
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat({ max: 70_000 }), async (at, length) => {
        const batch = batchOf(0, 3, () => ({ args: 'x'.repeat(length) }))
        const whole = Buffer.from(batch.records.map(({ value }) => `${Buffer.from(value)}\n`).join(''))
        const cut = whole.subarray(0, at % (whole.length + 1))
        writeFileSync(path, cut)
        const sink = await destination(path)
        await sink.deliver(batchOf(3, 1), signal)
        expect(sequencesOf(read(path))).toEqual([...numbers(0, cut.toString().split('\n').length - 1), 3])
      }),
      { numRuns: 30 },
    )
  })

  it('is cut where a power cut left zeros', async () => {
    const path = join(folder(), 'events.jsonl')
    writeFileSync(path, Buffer.concat([Buffer.from('{"event_id":"x"}\n'), Buffer.alloc(5000)]))
    await (await destination(path)).deliver(batchOf(1, 1), signal)
    expect(read(path).split('\n')[0]).toBe('{"event_id":"x"}')
    expect(read(path).split('\n')).toHaveLength(3)
  })

  it('is left alone where it is not of hivetap', async () => {
    const path = join(folder(), 'passwd')
    writeFileSync(path, 'root:x:0:0')
    const sink = await destination(path)
    await expect(sink.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({
      kind: 'file_unusable',
      passing: false,
    })
    expect(read(path)).toBe('root:x:0:0')
  })
})

describe('file: what is not written to', () => {
  it('is a directory, a device, or what a symbolic link leads to nowhere', async () => {
    const directory = folder()
    const dangling = join(directory, 'dangling')
    symlinkSync(join(directory, 'elsewhere'), dangling)
    for (const path of [directory, '/dev/null', dangling]) {
      const sink = await destination(path)
      await expect(sink.open(signal)).rejects.toMatchObject({ passing: false })
    }
    expect(existsSync(join(directory, 'elsewhere'))).toBe(false)
  })

  it('is a path in no directory: said with its name', async () => {
    const path = join(folder(), 'none', 'events.jsonl')
    await expect((await destination(path)).open(signal)).rejects.toThrow(path)
  })
})

describe('file: rotation', () => {
  it('loses nothing, packs, and keeps as many as it is told', async () => {
    const directory = folder()
    const path = join(directory, 'events.jsonl')
    const sink = await destination(path, { max_bytes: 4096, keep_files: 100 })
    for (let sequence = 0; sequence < 200; sequence += 5) await sink.deliver(batchOf(sequence, 5), signal)
    await sink.close()
    const archived = readdirSync(directory).filter((name) => name !== 'events.jsonl')
    expect(archived.length).toBeGreaterThan(3)
    const order = archived.sort(
      (a, b) => Number(/-(\d{6})\./.exec(a)?.[1]) - Number(/-(\d{6})\./.exec(b)?.[1]),
    )
    const texts = order.map((name) => gunzipSync(readFileSync(join(directory, name))).toString())
    expect(sequencesOf([...texts, read(path)].join(''))).toEqual(numbers(0, 200))
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(4096)
    for (const name of archived) expect(statSync(join(directory, name)).mode & 0o137).toBe(0)

    const again = await destination(path, { max_bytes: 4096, keep_files: 2 })
    await again.open(signal)
    await again.close()
    expect(readdirSync(directory).sort()).toEqual([...order.slice(-2), 'events.jsonl'].sort())
  })

  it('keeps bytes too, and leaves alone what has another name', async () => {
    const directory = folder()
    const path = join(directory, 'events.jsonl')
    writeFileSync(join(directory, 'events-of-mine.jsonl'), 'mine')
    const sink = await destination(path, {
      max_bytes: 4096,
      compression: 'none',
      keep_files: 1000,
      keep_bytes: 10_000,
    })
    for (let sequence = 0; sequence < 500; sequence += 5) await sink.deliver(batchOf(sequence, 5), signal)
    await sink.close()
    const kept = readdirSync(directory).filter((name) => /Z-\d+\.jsonl$/.test(name))
    const bytes = kept.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
    expect(bytes).toBeLessThanOrEqual(10_000)
    expect(bytes).toBeGreaterThan(4000)
    expect(existsSync(join(directory, 'events-of-mine.jsonl'))).toBe(true)
  })

  it('goes by age with the first batch after it', async () => {
    const directory = folder()
    const path = join(directory, 'events.jsonl')
    const sink = await destination(path, { rotate_every: '1s', compression: 'none' })
    await sink.deliver(batchOf(0, 1), signal)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await sink.deliver(batchOf(1, 1), signal)
    expect(sequencesOf(read(path))).toEqual([1])
  })

  it('mends what a crash left of a packing', async () => {
    const directory = folder()
    const path = join(directory, 'events.jsonl')
    const left = join(directory, 'events-20261128T050000Z-000007.jsonl')
    const text = `${batchOf(0, 1).records.map(({ value }) => Buffer.from(value).toString())[0]}\n`
    writeFileSync(left, text)
    writeFileSync(`${left}.gz.part`, 'half')
    const sink = await destination(path)
    await sink.open(signal)
    await sink.close()
    expect(readdirSync(directory).sort()).toEqual([`${left.slice(directory.length + 1)}.gz`, 'events.jsonl'])
    expect(gunzipSync(readFileSync(`${left}.gz`)).toString()).toBe(text)
  })
})

describe('file: its configuration', () => {
  it('refuses what makes no sense', () => {
    for (const wrong of [{ path: 'relative' }, { path: '/a/' }, { path: '/a', maxbytes: 1 }, {}])
      expect(fileKind.config.safeParse({ type: 'file', ...wrong }).success).toBe(false)
  })
})
