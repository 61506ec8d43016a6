import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf, epochOf, namesOf, readAll, spoolDirectory } from '../../../../test/support/spool.js'
import { type DiskSpool, openDiskSpool } from './disk-spool.js'
import type { SpoolEntry } from './spool.js'

const NEVER = new AbortController().signal
const A = epochOf(1)
const B = epochOf(2)
const HEADER = 72

let root = ''
let segment = ''
let bytes: Buffer = Buffer.alloc(0)
/** All that was accepted, in order. */
let accepted: string[] = []
/** Where each batch's frame ends in the segment. */
let ends: number[] = []

beforeEach(async () => {
  root = spoolDirectory()
  const spool = open('made')
  accepted = []
  ends = []
  for (const batch of [batchOf(A, 0, 2), batchOf(A, 2, 1), batchOf(B, 7, 1), batchOf(B, 8, 2)]) {
    await spool.append(batch, NEVER)
    accepted.push(...namesOf({ kind: 'batch', batch }))
    ends.push(spool.diskBytes)
  }
  await spool.close()
  segment = readdirSync(join(root, 'made')).find((name) => name.endsWith('.seg')) ?? ''
  bytes = readFileSync(join(root, 'made', segment))
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

function open(name: string): DiskSpool {
  return openDiskSpool({
    ...{ dir: join(root, name), maxBytes: 1 << 20, segmentBytes: 1 << 16, policy: 'drop_oldest' },
    ...{ fsync: 'never', fsyncIntervalMs: 1000, readers: ['one'] },
  })
}

/** Puts other bytes in place of the segment; with `state` false, as if it were all there is. */
function place(name: string, content: Buffer, state = true): void {
  cpSync(join(root, 'made'), join(root, name), { recursive: true })
  writeFileSync(join(root, name, segment), content)
  if (!state) rmSync(join(root, name, 'state'))
}

/** Opens, appends one more record of B, reads it all. */
async function readBack(name: string): Promise<{ spool: DiskSpool; entries: SpoolEntry[] }> {
  const spool = open(name)
  const { end } = spool
  await spool.append(batchOf(end?.epoch ?? B, end?.nextSequence ?? 0, 1), NEVER)
  const entries = await readAll(spool.reader('one'))
  await spool.close()
  return { spool, entries }
}

function lostIn(entries: readonly SpoolEntry[]): string[] {
  return entries.flatMap((entry) => (entry.kind === 'loss' ? namesOf(entry) : []))
}

describe('a damaged segment', () => {
  it.each([
    ['with the state', true],
    ['without it', false],
  ])(
    'with any byte flipped loses the batch it was in, exactly, and no other: %s',
    async (_, state) => {
      for (let at = 0; at < bytes.length; at++) {
        const flipped = Buffer.from(bytes)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
        place('flipped', flipped, state)
        const { spool, entries } = await readBack('flipped')
        expect(entries.flatMap(namesOf), `byte ${at}`).toEqual([...accepted, `${B}-10`])
        const frame = ends.findIndex((end) => at < end)
        const [from, to] = [ends[frame - 1] ?? 64, ends[frame] ?? 0]
        const inBody = at >= from + HEADER && at < to - HEADER
        expect(lostIn(entries), `byte ${at}`).toEqual(
          inBody
            ? [accepted.slice(0, 2), accepted.slice(2, 3), accepted.slice(3, 4), accepted.slice(4)][frame]
            : [],
        )
        expect(spool.counters.lost.get('spool_damaged') ?? 0).toBe(lostIn(entries).length)
        rmSync(join(root, 'flipped'), { recursive: true })
      }
    },
    60_000,
  )

  it('cut at any byte tells what it held, as the state knows it', async () => {
    for (let size = 0; size < bytes.length; size++) {
      place('cut', bytes.subarray(0, size))
      const { spool, entries } = await readBack('cut')
      expect(entries.flatMap(namesOf), `cut at ${size}`).toEqual([...accepted, `${B}-10`])
      const whole = ends.filter((end) => end <= size).length
      expect(lostIn(entries)).toEqual(accepted.slice([0, 2, 3, 4][whole] ?? 6))
      const torn = size < 64 ? size : size - (ends[whole - 1] ?? 64)
      expect(spool.recovered).toMatchObject({ tornBytes: torn, unreadableBytes: 0 })
      rmSync(join(root, 'cut'), { recursive: true })
    }
  }, 60_000)

  it('cut at any byte, without the state, goes on behind the last whole batch', async () => {
    for (let size = 64; size < bytes.length; size++) {
      place('cut', bytes.subarray(0, size), false)
      const whole = ends.filter((end) => end <= size).length
      const held = accepted.slice(0, [0, 2, 3, 4][whole] ?? 6)
      const spool = open('cut')
      const last = held.at(-1)
      if (last !== undefined) expect(`${spool.end?.epoch}-${(spool.end?.nextSequence ?? 0) - 1}`).toBe(last)
      expect((await readAll(spool.reader('one'))).flatMap(namesOf)).toEqual(held)
      await spool.close()
      expect(readFileSync(join(root, 'cut', segment)).length).toBe(ends[whole - 1] ?? 64)
      rmSync(join(root, 'cut'), { recursive: true })
    }
  }, 60_000)

  it('with a block of zeros across epochs loses just what was in it', async () => {
    for (let from = 64; from < bytes.length; from += 37)
      for (const length of [80, 300, 700]) {
        const zeroed = Buffer.from(bytes).fill(0, from, Math.min(from + length, bytes.length))
        place('zeroed', zeroed)
        const { entries } = await readBack('zeroed')
        expect(entries.flatMap(namesOf), `${length} bytes at ${from}`).toEqual([...accepted, `${B}-10`])
        rmSync(join(root, 'zeroed'), { recursive: true })
      }
  }, 60_000)

  it('that was shortened, removed or replaced by anything opens, and tells of nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 200 }), fc.nat(300)), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.boolean(),
        async (edits, state) => {
          let content = bytes
          for (const [where, put, cut] of edits) {
            const at = where % (content.length + 1)
            content = Buffer.concat([content.subarray(0, at), put, content.subarray(at + cut)])
          }
          place('hostile', content, state)
          const { entries } = await readBack('hostile')
          const names = entries.flatMap(namesOf)
          expect(new Set(names).size).toBe(names.length)
          if (state) expect(names).toEqual([...accepted, `${B}-10`])
          rmSync(join(root, 'hostile'), { recursive: true })
        },
      ),
      { numRuns: 200 },
    )
  }, 60_000)

  it('between others is told by its neighbours', async () => {
    const spool = open('many')
    await spool.close()
    const small = () =>
      openDiskSpool({
        ...{ dir: join(root, 'many'), maxBytes: 1 << 20, segmentBytes: 1000, policy: 'drop_oldest' },
        ...{ fsync: 'never', fsyncIntervalMs: 1000, readers: ['one'] },
      })
    const writes = small()
    const names: string[] = []
    for (let sequence = 0; sequence < 30; sequence += 3) {
      const batch = batchOf(sequence < 15 ? A : B, sequence, 3)
      names.push(...namesOf({ kind: 'batch', batch }))
      await writes.append(batch, NEVER)
    }
    await writes.close()
    const segments = readdirSync(join(root, 'many'))
      .filter((name) => name.endsWith('.seg'))
      .sort()
    expect(segments.length).toBeGreaterThan(4)
    rmSync(join(root, 'many', segments[1] ?? ''))
    truncateSync(join(root, 'many', segments[2] ?? ''), 100)
    const reads = small()
    const entries = await readAll(reads.reader('one'))
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries).length).toBe(12)
    await reads.close()
  })
})
