import { readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  batchOf,
  epochOf,
  namesOf,
  readAll,
  readNow,
  spoolDirectory,
} from '../../../../test/support/spool.js'
import { type DiskSpool, type DiskSpoolOptions, openDiskSpool } from './disk-spool.js'
import { MemorySpool } from './memory-spool.js'
import type { Spool, SpoolEntry } from './spool.js'

const NEVER = new AbortController().signal
const A = epochOf(1)
const B = epochOf(2)
/** Of a batch of ten records of `batchOf`: 144 of two headers, the tools, and each record's. */
const TEN = 144 + 2 + 11 + 10 + 10 * (15 + 44)

let dir = ''
beforeEach(() => {
  dir = spoolDirectory()
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

function open(options: Partial<DiskSpoolOptions> = {}): DiskSpool {
  return openDiskSpool({
    ...{ dir: join(dir, 'spool'), maxBytes: 1 << 20, segmentBytes: 1 << 16, policy: 'drop_oldest' },
    ...{ fsync: 'never', fsyncIntervalMs: 1000, readers: ['one'], ...options },
  } as DiskSpoolOptions)
}

/** Appends batches of ten, from a sequence on. */
async function appendTens(spool: Spool, epoch: string, first: number, batches: number): Promise<boolean[]> {
  const accepted: boolean[] = []
  for (let index = 0; index < batches; index++)
    accepted.push(await spool.append(batchOf(epoch, first + index * 10, 10, 44), NEVER))
  return accepted
}

function losses(entries: readonly SpoolEntry[]): unknown[] {
  return entries.flatMap((entry) => (entry.kind === 'loss' ? [entry.loss] : []))
}

function sequences(epoch: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `${epoch}-${from + index}`)
}

function names(entries: readonly SpoolEntry[]): string[] {
  return entries.flatMap(namesOf)
}

const KINDS: readonly (readonly [string, (options: Partial<DiskSpoolOptions>) => Spool])[] = [
  ['on disk', open],
  [
    'in memory',
    (options) => new MemorySpool({ maxBytes: 1 << 20, policy: 'drop_oldest', readers: ['one'], ...options }),
  ],
]

describe.each(KINDS)('a spool %s', (kind, make) => {
  /** Room for three batches of ten, one of them in a segment. */
  const three =
    kind === 'on disk' ? { maxBytes: 3 * (TEN + 64), segmentBytes: TEN } : { maxBytes: 3 * (TEN + 1600) }

  it('hands what was appended to each reader, in order, at its pace', async () => {
    const spool = make({ readers: ['one', 'two'] })
    const [one, two] = [spool.reader('one'), spool.reader('two')]
    const waits = one.next(NEVER)
    const first = batchOf(A, 5, 10)
    expect(await spool.append(first, NEVER)).toBe(true)
    expect(await waits).toEqual({ kind: 'batch', batch: first })
    await appendTens(spool, A, 15, 3)
    expect(two.backlogBytes).toBeGreaterThan(one.backlogBytes)
    expect(names(await readAll(two))).toEqual(sequences(A, 5, 45))
    expect(names(await readAll(one))).toEqual(sequences(A, 15, 45))
    expect(two.backlogBytes).toBe(0)
    await spool.close()
    expect(await two.next(NEVER)).toBeUndefined()
  })

  it('goes on from what was acknowledged when a reader comes again', async () => {
    const spool = make({})
    await appendTens(spool, A, 0, 4)
    const reader = spool.reader('one')
    const [first] = [await readNow(reader), await readNow(reader), await readNow(reader)]
    if (first === undefined) throw new Error('nothing was read')
    reader.acknowledge(first)
    expect(() => spool.reader('one')).toThrow('close it')
    reader.close()
    expect(names(await readAll(spool.reader('one')))).toEqual(sequences(A, 10, 40))
    expect(spool.counters.heldBytes).toBe(0)
    await spool.close()
  })

  it('drop_oldest: gives up the oldest, and tells each reader once what it had not read', async () => {
    const spool = make({ readers: ['one', 'two'], ...three })
    const two = spool.reader('two')
    await appendTens(spool, A, 0, 2)
    const read = names(await readAll(two))
    expect((await appendTens(spool, A, 20, 2)).concat(await appendTens(spool, B, 0, 3))).not.toContain(false)
    read.push(...names(await readAll(two)))
    const entries = await readAll(spool.reader('one'))
    expect(losses(entries)).toEqual([{ epoch: A, reason: 'spool_full', firstSequence: 0, lastSequence: 39 }])
    expect(names(entries)).toEqual([...sequences(A, 0, 40), ...sequences(B, 0, 30)])
    expect(read).toEqual(names(entries))
    expect(spool.counters.lost).toEqual(new Map([['spool_full', 40 + 20]]))
    await spool.close()
  })

  it('drop_newest: refuses, and tells every reader in its place', async () => {
    const spool = make({ policy: 'drop_newest', ...three })
    expect(await appendTens(spool, A, 0, 5)).toEqual([true, true, true, false, false])
    const reader = spool.reader('one')
    const first = await readNow(reader)
    if (first === undefined) throw new Error('nothing was read')
    reader.acknowledge(first)
    expect(await appendTens(spool, A, 50, 2)).toEqual([true, false])
    expect(
      await readAll(reader).then((rest) => rest.map((entry) => [entry.kind, names([entry]).length])),
    ).toEqual([
      ...[
        ['batch', 10],
        ['batch', 10],
        ['loss', 20],
      ],
      ...[
        ['batch', 10],
        ['loss', 10],
      ],
    ])
    expect(spool.counters.lost).toEqual(new Map([['spool_full', 30]]))
    await spool.close()
  })

  it('takes one more reader while it is open, and holds nothing for one that is forgotten', async () => {
    const spool = make({ policy: 'drop_newest', ...three })
    await appendTens(spool, A, 0, 3)
    spool.addReader('late')
    spool.addReader('late')
    const late = spool.reader('late')
    expect(names(await readAll(late, false)).length).toBe(30)
    expect(() => spool.forgetReader('late')).toThrow('Reader late of the spool is open')
    // It is full: for the other reader, and for the late one, which has acknowledged nothing.
    await readAll(spool.reader('one'))
    expect(await appendTens(spool, A, 30, 1)).toEqual([false])
    late.close()
    spool.forgetReader('late')
    expect(await appendTens(spool, A, 40, 1)).toEqual([true])
    expect(() => spool.reader('late')).toThrow('The spool has no reader late')
    await spool.close()
  })

  it('block: waits for room, in order; who aborts is answered at once, and lost in its place', async () => {
    const spool = make({ policy: 'block', ...three })
    await appendTens(spool, A, 0, 3)
    const stop = new AbortController()
    const order: string[] = []
    const third = spool.append(batchOf(A, 30, 10, 44), NEVER).then((is) => order.push(`third ${is}`))
    const fourth = spool.append(batchOf(A, 40, 10, 44), stop.signal).then((is) => order.push(`fourth ${is}`))
    const fifth = spool.append(batchOf(A, 50, 10, 44), NEVER).then((is) => order.push(`fifth ${is}`))
    stop.abort()
    await fourth
    expect(order).toEqual(['fourth false'])
    const reader = spool.reader('one')
    const entries = await readAll(reader)
    await Promise.all([third, fifth])
    entries.push(...(await readAll(reader)))
    expect(order).toEqual(['fourth false', 'third true', 'fifth true'])
    expect(names(entries)).toEqual(sequences(A, 0, 60))
    expect(losses(entries)).toEqual([{ epoch: A, reason: 'spool_full', firstSequence: 40, lastSequence: 49 }])
    await spool.close()
  })

  it('closed, refuses what waits', async () => {
    const spool = make({ policy: 'block', ...three })
    await appendTens(spool, A, 0, 3)
    const waiting = spool.append(batchOf(A, 30, 10, 44), NEVER)
    await spool.close()
    expect(await waiting).toBe(false)
    await expect(spool.append(batchOf(A, 40, 10), NEVER)).rejects.toThrow('closed')
    expect(() => spool.reader('one')).toThrow('closed')
  })

  it('lets a reader acknowledge when it is closed, and writes nothing any more', async () => {
    const spool = make({})
    await appendTens(spool, A, 0, 1)
    const reader = spool.reader('one')
    const entry = await readNow(reader)
    await spool.close()
    if (entry !== undefined) reader.acknowledge(entry)
    await spool.close()
    await new Promise((resolve) => setTimeout(resolve, 250))
    if (kind === 'in memory') return
    const again = open()
    expect(names(await readAll(again.reader('one')))).toEqual(sequences(A, 0, 10))
    await again.close()
  })

  it('gives up what is too old', async () => {
    let now = 1_000_000
    const spool = make({ maxAgeMs: 8000, now: () => now })
    await appendTens(spool, A, 0, 1)
    now += 5000
    await appendTens(spool, A, 10, 1)
    now += 4000
    await appendTens(spool, A, 20, 1)
    const entries = await readAll(spool.reader('one'))
    expect(losses(entries)).toEqual([{ epoch: A, reason: 'spool_age', firstSequence: 0, lastSequence: 9 }])
    expect(names(entries)).toEqual(sequences(A, 0, 30))
    await spool.close()
  })

  it('refuses what it can never hold, and what does not follow', async () => {
    const spool = make({ maxBytes: 10_000, segmentBytes: 5000, policy: 'block' })
    expect(await spool.append(batchOf(A, 0, 10, 2000), NEVER)).toBe(false)
    await expect(spool.append(batchOf(A, 0, 1), NEVER)).rejects.toThrow('10 comes next')
    await expect(spool.append(batchOf('no uuid', 0, 1), NEVER)).rejects.toThrow(RangeError)
    expect(await spool.append(batchOf(A, 10, 10), NEVER)).toBe(true)
    expect(names(await readAll(spool.reader('one')))).toEqual(sequences(A, 0, 20))
    expect(() => spool.reader('nobody')).toThrow('no reader nobody')
    await spool.close()
  })

  it('keeps no memory for ten thousand small batches, read or not', async () => {
    const spool = make({ maxBytes: 1 << 19, segmentBytes: 1 << 16, cacheBytes: 1 << 16 } as never)
    const reader = spool.reader('one')
    for (let sequence = 0; sequence < 10_000; sequence++) {
      await spool.append(batchOf(A, sequence, 1), NEVER)
      if (sequence >= 5000) continue
      const entry = await reader.next(NEVER)
      if (entry === undefined) throw new Error('nothing was read')
      reader.acknowledge(entry)
      if (sequence % 1000 === 0) expect((spool as DiskSpool).cachedBytes).toBeLessThan(2000)
    }
    expect((spool as DiskSpool).cachedBytes).toBeLessThanOrEqual(kind === 'on disk' ? 1 << 16 : 1 << 19)
    const entries = await readAll(reader)
    expect(names(entries)).toEqual(sequences(A, 5000, 10_000))
    expect(losses(entries)).toHaveLength(1)
    await spool.close()
  })
})

describe('a spool on disk, opened again', () => {
  it('is as it was left: its end, what is read, what is lost', async () => {
    const bounds = { maxBytes: 3 * (TEN + 64), segmentBytes: TEN }
    let spool = open(bounds)
    expect(spool.end).toBeUndefined()
    await appendTens(spool, A, 0, 5)
    const reader = spool.reader('one')
    const [loss, first] = [await readNow(reader), await readNow(reader)]
    expect([loss?.kind, first?.kind]).toEqual(['loss', 'batch'])
    if (loss !== undefined) reader.acknowledge(loss)
    await spool.close()

    spool = open({ ...bounds, readers: ['one', 'new'] })
    expect(spool.end).toEqual({ epoch: A, nextSequence: 50, position: 3200n })
    await appendTens(spool, B, 100, 1)
    const one = await readAll(spool.reader('one'))
    expect(losses(one)).toEqual([{ epoch: A, reason: 'spool_full', firstSequence: 20, lastSequence: 29 }])
    expect(names(one)).toEqual([...sequences(A, 20, 50), ...sequences(B, 100, 110)])
    expect(losses(await readAll(spool.reader('new')))).toHaveLength(1)
    await spool.close()

    spool = open({ ...bounds, readers: ['new'] })
    expect(spool.recovered).toEqual({
      ...{ tornBytes: 0, unreadableBytes: 0, stateLost: false, forgottenReaders: ['one'] },
    })
    expect(spool.end).toEqual({ epoch: B, nextSequence: 110, position: 7040n })
    expect(await readAll(spool.reader('new'))).toEqual([])
    await spool.close()
  })

  it('knows its end when every segment is gone', async () => {
    const spool = open({ maxAgeMs: 1000, now: () => 5000 })
    await appendTens(spool, A, 0, 2)
    await spool.close()
    const later = open({ maxAgeMs: 1000, now: () => Date.now() + 10_000 })
    await later.append(batchOf(A, 20, 0), NEVER)
    await appendTens(later, A, 20, 1)
    await later.close()
    for (const name of readdirSync(join(dir, 'spool')))
      if (name.endsWith('.seg')) rmSync(join(dir, 'spool', name))
    const last = open()
    expect(last.end).toEqual({ epoch: A, nextSequence: 30, position: 1920n })
    const entries = await readAll(last.reader('one'))
    expect(losses(entries)).toEqual([
      { epoch: A, reason: 'spool_age', firstSequence: 0, lastSequence: 19 },
      { epoch: A, reason: 'spool_damaged', firstSequence: 20, lastSequence: 29 },
    ])
    await last.close()
  })

  it('removes segments that all readers have acknowledged, and not before', async () => {
    const spool = open({ segmentBytes: TEN, readers: ['one', 'two'] })
    await appendTens(spool, A, 0, 10)
    const segments = () => readdirSync(join(dir, 'spool')).filter((name) => name.endsWith('.seg')).length
    await readAll(spool.reader('one'))
    expect(segments()).toBe(10)
    await readAll(spool.reader('two'))
    expect(segments()).toBe(1)
    expect(spool.counters.heldBytes).toBe(0)
    await spool.close()
  })

  it('is for one process, and for its owner', async () => {
    const spool = open()
    await appendTens(spool, A, 0, 1)
    expect(() => open()).toThrow(`in use by process ${process.pid}`)
    const modes = readdirSync(join(dir, 'spool')).map(
      (name) => statSync(join(dir, 'spool', name)).mode & 0o777,
    )
    expect(new Set(modes)).toEqual(new Set([0o600]))
    expect(statSync(join(dir, 'spool')).mode & 0o777).toBe(0o700)
    await spool.close()
    await open().close()
  })

  it('leaves no file open, however it ends', async () => {
    const ours = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(dir)
        } catch {
          return false
        }
      })
    for (const fsync of ['never', 'interval', 'always'] as const) {
      const spool = open({ fsync, fsyncIntervalMs: 1, segmentBytes: TEN, maxBytes: 8 * TEN, cacheBytes: 0 })
      const reader = spool.reader('one')
      const end = await spool.end
      const first = end?.nextSequence ?? 0
      await appendTens(spool, A, first, 20)
      await reader.next(NEVER)
      const pending = reader.next(NEVER)
      await spool.close()
      await pending
      expect(ours()).toEqual([])
    }
    writeFileSync(join(dir, 'spool', 'state'), Buffer.alloc(1 << 17, 1))
    const damaged = open()
    expect(damaged.recovered.stateLost).toBe(true)
    expect(damaged.end).toMatchObject({ epoch: A, nextSequence: 600 })
    await damaged.close()
    expect(ours()).toEqual([])
  })

  it('reads back what is no longer in memory as it was, also the large', async () => {
    const spool = open({ cacheBytes: 0, maxBytes: 1 << 25, segmentBytes: 1 << 23 })
    const batches = [
      batchOf(A, 0, 3),
      batchOf(A, 3, 3, 1_000_000),
      batchOf(A, 6, 500, 2000),
      batchOf(A, 506, 1),
    ]
    for (const batch of batches) await spool.append(batch, NEVER)
    const entries = await readAll(spool.reader('one'))
    expect(entries).toHaveLength(batches.length)
    for (const [index, entry] of entries.entries()) {
      const { records = [], ...rest } = entry.kind === 'batch' ? entry.batch : {}
      const { records: wanted = [], ...written } = batches[index] ?? {}
      expect(rest).toEqual(written)
      expect(records.map(({ value, ...fields }) => ({ ...fields, bytes: value.length }))).toEqual(
        wanted.map(({ value, ...fields }) => ({ ...fields, bytes: value.length })),
      )
      expect(
        records.every(({ value }, at) => Buffer.from(value).equals(wanted[at]?.value ?? Buffer.alloc(0))),
      ).toBe(true)
    }
    await spool.close()
  })
})
