import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { epochOf, namesOf, readAll } from '../../../../test/support/spool.js'
import { openDiskSpool } from './disk-spool.js'

const CHILD = fileURLToPath(new URL('../../../../test/support/spool-writer.mjs', import.meta.url))
const ROUNDS = 50

/** Ends a process in the midst of its work, after so many answers and a moment. */
async function killAfter(child: ChildProcess, answers: number, microseconds: number): Promise<number> {
  let accepted = 0
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    accepted = Number(line)
    if (--answers !== 0) continue
    const until = performance.now() + microseconds / 1000
    while (performance.now() < until);
    child.kill('SIGKILL')
  }
  return accepted
}

describe('a process that is killed', () => {
  it(`${ROUNDS} times while it appends: what it was told is accepted is there, and nothing is unaccounted for`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'spool-killed-'))
    const told: string[] = []
    let torn = 0
    let next = 0
    for (let round = 0; round < ROUNDS; round++) {
      const child = spawn(process.execPath, [CHILD, dir, epochOf(1), String(next)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      const accepted = await killAfter(child, 1 + ((round * 7) % 40), (round * 131) % 2000)
      expect((await ended)[1]).toBe('SIGKILL')
      const spool = openDiskSpool({
        ...{ dir, maxBytes: 1 << 26, segmentBytes: 1 << 20, policy: 'drop_oldest', fsync: 'never' },
        ...{ fsyncIntervalMs: 1000, readers: ['one', 'writer'] },
      })
      expect(spool.end?.nextSequence).toBeGreaterThanOrEqual(accepted)
      next = spool.end?.nextSequence ?? 0
      torn += spool.recovered.tornBytes > 0 ? 1 : 0
      expect(spool.recovered).toMatchObject({ unreadableBytes: 0, stateLost: false, forgottenReaders: [] })
      const entries = await readAll(spool.reader('one'))
      expect(entries.filter(({ kind }) => kind === 'loss')).toEqual([])
      told.push(...entries.flatMap(namesOf))
      await spool.close()
    }
    expect(told).toHaveLength(next)
    expect(told.every((name, sequence) => name === `${epochOf(1)}-${sequence}`)).toBe(true)
    expect(torn).toBeLessThanOrEqual(ROUNDS)
    rmSync(dir, { recursive: true })
  }, 300_000)
})
