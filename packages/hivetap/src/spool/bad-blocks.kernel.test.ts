import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BadDisk } from '../../../../test/support/bad-disk.js'
import { batchOf, epochOf, namesOf, readAll } from '../../../../test/support/spool.js'
import { type DiskSpool, openDiskSpool } from './disk-spool.js'
import type { SpoolEntry } from './spool.js'

const NEVER = new AbortController().signal
const A = epochOf(1)
/** Bytes of a record, and records of a batch: two batches fill a block. */
const RECORD_BYTES = 500
const RECORDS = 4
const BATCHES = 300

let disk: BadDisk | undefined
let spool: DiskSpool
let names: string[] = []

beforeEach(async () => {
  disk = BadDisk.mount()
  if (disk === undefined) return
  open(disk)
  names = []
  for (let count = 0; count < BATCHES; count++) {
    const batch = batchOf(A, names.length, RECORDS, RECORD_BYTES)
    names.push(...namesOf({ kind: 'batch', batch }))
    expect(await spool.append(batch, NEVER)).toBe(true)
  }
})
afterEach(async () => {
  if (disk === undefined) return
  await spool.close()
  disk.unmount()
})

/** One segment holds it all, nothing of it is in memory. */
function open({ path }: BadDisk): void {
  spool = openDiskSpool({
    ...{ dir: join(path, 'spool'), maxBytes: 1 << 24, segmentBytes: 1 << 22, policy: 'drop_oldest' },
    ...{ cacheBytes: 0, fsync: 'never', fsyncIntervalMs: 1000, readers: ['one'] },
  })
}

function segment({ path }: BadDisk): string {
  const [name = '', ...others] = readdirSync(join(path, 'spool')).filter((each) => each.endsWith('.seg'))
  expect(others).toEqual([])
  return join(path, 'spool', name)
}

/** The sequences that were lost, from first to last of each range. */
function lostIn(entries: readonly SpoolEntry[]): number[][] {
  return entries.flatMap((entry) =>
    entry.kind === 'loss' ? [[entry.loss.firstSequence, entry.loss.lastSequence]] : [],
  )
}

/** What was lost is what lay in the block, and what shares a batch with it. */
function expectLostAround(entries: readonly SpoolEntry[], sequence: number): void {
  const range = lostIn(entries).find(([first = 0, last = 0]) => first <= sequence && sequence <= last)
  const [first = 0, last = 0] = range ?? []
  expect(range).toBeDefined()
  expect(last - first + 1).toBeGreaterThanOrEqual(RECORDS)
  // A block, and two batches that lie only partly in it.
  expect(last - first + 1).toBeLessThanOrEqual(4 * RECORDS)
}

describe('blocks that a disk cannot give', () => {
  it('cost what lay in them: all that is before and behind is read, while the spool is open', async ({
    skip,
  }) => {
    if (disk === undefined) return skip('there is no mkfs.btrfs, or nothing may be mounted')
    const path = segment(disk)
    disk.spoil(path, [`${A}-200.`, `${A}-900.`])
    expect(() => readFileSync(path)).toThrow('EIO')
    const entries = await readAll(spool.reader('one'))
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries)).toHaveLength(2)
    expectLostAround(entries, 200)
    expectLostAround(entries, 900)
    expect(spool.errors.read).toBeGreaterThan(0)
    expect(spool.faults).toEqual([
      expect.objectContaining({ task: 'read', path, error: expect.objectContaining({ code: 'EIO' }) }),
    ])
    const count = lostIn(entries).reduce((sum, [first = 0, last = 0]) => sum + last - first + 1, 0)
    expect(spool.counters.lost).toEqual(new Map([['spool_damaged', count]]))
  })

  it('cost as much after a restart', async ({ skip }) => {
    if (disk === undefined) return skip('there is no mkfs.btrfs, or nothing may be mounted')
    const path = segment(disk)
    await spool.close()
    disk.spoil(path, [`${A}-400.`])
    open(disk)
    const entries = await readAll(spool.reader('one'))
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries)).toHaveLength(1)
    expectLostAround(entries, 400)
  })

  it('are passed over sixteen at once: where there are more, the rest of its segment is lost, and told', async ({
    skip,
  }) => {
    if (disk === undefined) return skip('there is no mkfs.btrfs, or nothing may be mounted')
    const spoilt = Array.from({ length: 40 }, (_, index) => 200 + index * 20)
    disk.spoil(
      segment(disk),
      spoilt.map((sequence) => `${A}-${sequence}.`),
    )
    const entries = await readAll(spool.reader('one'))
    expect(entries.flatMap(namesOf)).toEqual(names)
    for (const sequence of spoilt)
      expect(lostIn(entries).some(([first = 0, last = 0]) => first <= sequence && sequence <= last)).toBe(
        true,
      )
    expect(lostIn(entries)).toHaveLength(17)
    expect(lostIn(entries).at(-1)?.at(-1)).toBe(names.length - 1)
  })
})
