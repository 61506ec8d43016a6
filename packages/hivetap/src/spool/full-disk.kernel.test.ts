import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf, epochOf, namesOf, readAll } from '../../../../test/support/spool.js'
import { type DiskSpool, openDiskSpool } from './disk-spool.js'
import type { SpoolPolicy } from './spool.js'

const NEVER = new AbortController().signal
const A = epochOf(1)
/** What the tiny file system holds. */
const DISK_BYTES = 1 << 20

let disk = ''
let mounted = false

beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'spool-full-'))
  mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]).status === 0
})
afterEach(() => {
  if (mounted) spawnSync('umount', [disk])
  rmSync(disk, { recursive: true })
})

function open(policy: SpoolPolicy): DiskSpool {
  return openDiskSpool({
    ...{ dir: join(disk, 'spool'), maxBytes: 1 << 24, segmentBytes: 1 << 16, policy, cacheBytes: 0 },
    ...{ fsync: 'never', fsyncIntervalMs: 1000, readers: ['one'] },
  })
}

describe('a spool on a disk that is full', () => {
  it.for(['drop_oldest', 'drop_newest'] as const)(
    '%s: tells what it lost, stays readable, and goes on once there is room',
    async (policy, { skip }) => {
      if (!mounted) return skip('mounting a tmpfs is not permitted here')
      let spool = open(policy)
      const names: string[] = []
      const append = async (count: number): Promise<boolean> => {
        const batch = batchOf(A, names.length, count, 100)
        names.push(...namesOf({ kind: 'batch', batch }))
        return await spool.append(batch, NEVER)
      }
      const answers: boolean[] = []
      for (let index = 0; index < 120; index++) answers.push(await append(100))
      expect(spool.errors.write).toBeGreaterThan(0)
      expect(answers.includes(false)).toBe(policy === 'drop_newest')
      const reader = spool.reader('one')
      const entries = await readAll(reader)
      const lost = entries.flatMap((entry) => (entry.kind === 'loss' ? [entry.loss.reason] : []))
      expect(new Set(lost)).toEqual(new Set(['spool_failed']))
      if (policy === 'drop_oldest') expect(lost).toHaveLength(1)
      expect(entries.flatMap(namesOf)).toEqual(names)
      // Somebody else takes all there is: the state can still be written.
      spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'other')}`, 'bs=4096'])
      for (let index = 0; index < 20; index++) await append(100)
      await spool.close()
      expect(spool.errors.state).toBe(0)
      spool = open(policy)
      expect(spool.end).toMatchObject({ nextSequence: names.length })
      expect(spool.recovered).toMatchObject({ tornBytes: 0, unreadableBytes: 0 })
      rmSync(join(disk, 'other'))
      expect(await append(100)).toBe(true)
      entries.push(...(await readAll(spool.reader('one'))))
      expect(entries.flatMap(namesOf)).toEqual(names)
      await spool.close()
    },
  )

  it('block: waits, and goes on by itself once there is room', async ({ skip }) => {
    if (!mounted) return skip('mounting a tmpfs is not permitted here')
    const spool = open('block')
    const filler = join(disk, 'other')
    writeFileSync(filler, Buffer.alloc(DISK_BYTES - (1 << 18)))
    let waiting: Promise<boolean> | undefined
    let appended = 0
    while (waiting === undefined) {
      const append = spool.append(batchOf(A, appended, 100, 100), NEVER)
      appended += 100
      const answer = await Promise.race([append, new Promise((resolve) => setImmediate(resolve, 'waits'))])
      if (answer === 'waits') waiting = append
    }
    expect(spool.errors.write).toBeGreaterThan(0)
    const stop = new AbortController()
    const aborted = spool.append(batchOf(A, appended, 10), stop.signal)
    stop.abort()
    expect(await aborted).toBe(false)
    rmSync(filler)
    expect(await waiting).toBe(true)
    const entries = await readAll(spool.reader('one'))
    expect(entries.flatMap(namesOf)).toHaveLength(appended + 10)
    expect(entries.at(-1)).toMatchObject({ kind: 'loss', loss: { firstSequence: appended } })
    await spool.close()
  })
})
