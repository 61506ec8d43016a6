import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf, epochOf, namesOf, readAll } from '../../../../test/support/spool.js'
import { faultText } from './disk/fault-text.js'
import { type DiskSpool, openDiskSpool } from './disk-spool.js'
import type { SpoolEntry } from './spool.js'

const NEVER = new AbortController().signal
const A = epochOf(1)
/** No user of this host has it. */
const NOBODY = 65534

let dir = ''
let spool: DiskSpool
/** All that was accepted, in order. */
let names: string[] = []

/** A spool of segments that are small, nothing of it in memory. */
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hivetap-read-faults-'))
  spool = openDiskSpool({
    ...{ dir, maxBytes: 1 << 20, segmentBytes: 1000, policy: 'drop_oldest', cacheBytes: 0 },
    ...{ fsync: 'never', fsyncIntervalMs: 1000, readers: ['one'] },
  })
  names = []
  for (let sequence = 0; sequence < 60; sequence += 3) await append(3)
})
afterEach(async () => {
  await spool.close()
  rmSync(dir, { recursive: true })
})

async function append(count: number): Promise<void> {
  const batch = batchOf(A, names.length, count)
  names.push(...namesOf({ kind: 'batch', batch }))
  expect(await spool.append(batch, NEVER)).toBe(true)
}

/** The path of a segment, counted from the oldest. */
function segment(index: number): string {
  const found = readdirSync(dir)
    .filter((name) => name.endsWith('.seg'))
    .toSorted()
  expect(found.length).toBeGreaterThan(4)
  return join(dir, found.at(index) ?? '')
}

function lostIn(entries: readonly SpoolEntry[]): string[] {
  return entries.flatMap((entry) => (entry.kind === 'loss' ? namesOf(entry) : []))
}

/** What each fault is told as. */
function told(): string[] {
  return spool.faults.map(
    (fault) => `${fault.failing ? 'fails' : 'past'} ${fault.times}: ${faultText(fault)}`,
  )
}

/** Reads all, while the effective user is another: who owns nothing here, and may not do what root may. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('a segment that cannot be read back', () => {
  it('since somebody removed it is lost, told, and counted once', async () => {
    const path = segment(1)
    rmSync(path)
    const entries = await readAll(spool.reader('one'))
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries).length).toBeGreaterThan(0)
    expect(spool.counters.lost).toEqual(new Map([['spool_damaged', lostIn(entries).length]]))
    expect(spool.errors).toMatchObject({ read: 1, write: 0, remove: 0 })
    expect(told()).toEqual([
      expect.stringMatching(
        `^fails 1: cannot read ${path}: ENOENT: .*; somebody else removed it: leave the files of a spool to the agent$`,
      ),
    ])
  })

  it('to its end, since somebody cut it, is lost from there on', async () => {
    const path = segment(1)
    const { size } = statSync(path)
    truncateSync(path, size - 100)
    const entries = await readAll(spool.reader('one'))
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries)).toHaveLength(3)
    expect(spool.errors.read).toBeGreaterThan(0)
    expect(told()).toEqual([
      expect.stringMatching(`cannot read ${path}: it ends at byte ${size - 100}, and ${size} were written; `),
    ])
  })

  it('while the agent writes to it, and it is removed, does not end it', async () => {
    await append(3)
    rmSync(segment(-1))
    await append(3)
    const entries = await readAll(spool.reader('one'))
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries).at(-1)).toBe(names.at(-1))
    for (let count = 0; count < 5; count++) await append(3)
  })

  it('for its rights is tried again until they are mended: nothing is lost', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can become another user')
    const path = segment(1)
    chmodSync(dir, 0o755)
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o644)
    chmodSync(path, 0)
    const reader = spool.reader('one')
    const entries = await asNobody(async () => {
      const reading = readAll(reader, false)
      await sleep(600)
      // Root would be let in whatever the rights are.
      process.seteuid?.(0)
      expect(told()).toEqual([
        expect.stringMatching(
          `^fails \\d+: cannot read ${path}: EACCES: .*; let the user of the agent read and write there$`,
        ),
      ])
      chmodSync(path, 0o644)
      process.seteuid?.(NOBODY)
      return await reading
    })
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries)).toEqual([])
    expect(spool.counters.lost.size).toBe(0)
  })

  it('for its rights is lost after a while, and what is behind it is read', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can become another user')
    chmodSync(dir, 0o755)
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o644)
    chmodSync(segment(1), 0)
    const reader = spool.reader('one')
    const entries = await asNobody(() => readAll(reader, false))
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries).length).toBeGreaterThan(0)
    expect(spool.counters.lost).toEqual(new Map([['spool_damaged', lostIn(entries).length]]))
    expect(entries.at(-1)?.kind).toBe('batch')
  })

  it('while the reader is closed, or told to stop, does not hold it up', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can become another user')
    chmodSync(dir, 0o755)
    chmodSync(segment(0), 0)
    const stop = new AbortController()
    const reader = spool.reader('one')
    await asNobody(async () => {
      const stopped = reader.next(stop.signal)
      await sleep(50)
      stop.abort()
      expect(await stopped).toBeUndefined()
      const closed = reader.next(NEVER)
      await sleep(50)
      reader.close()
      expect(await closed).toBeUndefined()
    })
    expect(spool.counters.lost.size).toBe(0)
  })

  it('since too many files are open is read once there are fewer: nothing is lost', async () => {
    const [soft = '', hard = ''] = limits()
    const reader = spool.reader('one')
    const held: number[] = []
    let entries: SpoolEntry[] = []
    try {
      setLimits('256', hard)
      for (;;) {
        try {
          held.push(openSync('/dev/null', 'r'))
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('EMFILE')
          break
        }
      }
      const reading = readAll(reader)
      await sleep(600)
      expect(told()).toEqual([
        expect.stringMatching(
          /^fails \d+: cannot read .*: EMFILE: .*; too many files are open: raise the limit/,
        ),
      ])
      for (const fd of held.splice(0)) closeSync(fd)
      entries = await reading
    } finally {
      for (const fd of held) closeSync(fd)
      setLimits(soft, hard)
    }
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(lostIn(entries)).toEqual([])
  })
})

/** Descriptors that this process may have: the soft limit, and the hard one. */
function limits(): string[] {
  const { stdout } = spawnSync('prlimit', [
    ...['--pid', String(process.pid), '--nofile', '--noheadings', '--raw', '-o', 'SOFT,HARD'],
  ])
  return String(stdout).trim().split(' ')
}

function setLimits(soft: string, hard: string): void {
  expect(spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${soft}:${hard}`]).status).toBe(0)
}

describe('a segment that cannot be removed', () => {
  it('ends nothing: it takes room, is told, and removed once that can be done', async () => {
    // A directory of that name: nobody can unlink it, root neither.
    const path = segment(0)
    const away = join(dir, 'away')
    renameSync(path, away)
    mkdirSync(path)
    const reader = spool.reader('one')
    const entries = await readAll(reader)
    expect(entries.flatMap(namesOf)).toEqual(names)
    expect(spool.errors.remove).toBeGreaterThan(0)
    expect(told()).toContainEqual(expect.stringMatching(`^fails \\d+: cannot remove ${path}: `))
    const held = spool.diskBytes
    expect(held).toBeGreaterThan(2000)
    rmdirSync(path)
    renameSync(away, path)
    await append(3)
    await readAll(reader)
    expect(readdirSync(dir).filter((name) => name.endsWith('.seg'))).toHaveLength(1)
  })

  it('at the bound makes the spool refuse what comes, as often as it must, and loses it once', async () => {
    await spool.close()
    spool = openDiskSpool({
      ...{ dir, maxBytes: 8000, segmentBytes: 2000, policy: 'drop_oldest', cacheBytes: 0 },
      ...{ fsync: 'never', fsyncIntervalMs: 1000, readers: ['one'] },
    })
    const path = join(
      dir,
      readdirSync(dir)
        .filter((name) => name.endsWith('.seg'))
        .toSorted()[0] ?? '',
    )
    rmSync(path)
    mkdirSync(path)
    const answers: boolean[] = []
    for (let count = 0; count < 30; count++) {
      const batch = batchOf(A, names.length, 3)
      names.push(...namesOf({ kind: 'batch', batch }))
      answers.push(await spool.append(batch, NEVER))
    }
    expect(answers).toContain(false)
    expect(spool.errors.remove).toBeGreaterThan(0)
    rmdirSync(path)
    const entries = await readAll(spool.reader('one'))
    expect(entries.flatMap(namesOf)).toEqual(names)
    await append(3)
  })
})
