import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { SpoolErrors } from '../spool/disk-spool.js'
import type { AgentLog } from './agent.js'
import { DiskWatch } from './disk-watch.js'

const WELL: SpoolErrors = { write: 0, read: 0, sync: 0, state: 0, last: undefined }

let now = 0
beforeEach(() => {
  now = 1000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => vi.restoreAllMocks())

/** A watch on a spool that a test makes fail, and what it said. */
function watched() {
  const said: string[] = []
  const say = (message: string, details: unknown) =>
    void said.push(`${message.slice(0, 35)} ${JSON.stringify(details)}`)
  const log: AgentLog = { debug: say, info: say, warn: say, error: say, with: () => log }
  const spool = {
    errors: WELL,
    counters: { batches: 0, records: 0, bytes: 0, heldBytes: 0, lost: new Map() },
    fail(kind: 'write' | 'read' | 'sync' | 'state') {
      this.errors = { ...this.errors, [kind]: this.errors[kind] + 1, last: new Error('EIO') }
    },
    accept() {
      this.counters = { ...this.counters, batches: this.counters.batches + 1 }
    },
  }
  const watch = new DiskWatch(spool, log)
  const look = (afterMs: number) => {
    now += afterMs
    watch.look()
  }
  return { spool, said, watch, look }
}

it.each(['write', 'read', 'sync', 'state'] as const)(
  'says once that it cannot %s, and once that it can',
  (kind) => {
    const { spool, said, watch, look } = watched()
    look(1000)
    expect(said).toEqual([])
    for (let times = 0; times < 5; times++) {
      spool.fail(kind)
      look(1000)
    }
    expect(said).toEqual([
      expect.stringMatching(new RegExp(`^the disk of the spool fails.*EIO.*"${kind}_errors":1`)),
    ])
    // Nothing was tried: that nothing failed says nothing.
    look(60_000)
    expect(said).toHaveLength(1)
    spool.accept()
    look(1000)
    expect(said).toEqual([expect.anything(), expect.stringMatching(`works again.*"${kind}_errors":5`)])
    watch.close()
    expect(said).toHaveLength(2)
  },
)

it('does not take a pause between two failures for their end, and looks once more at the end', () => {
  const { spool, said, watch, look } = watched()
  for (let times = 0; times < 5; times++) {
    spool.fail('sync')
    spool.accept()
    look(1000)
    spool.accept()
    look(3000)
  }
  expect(said).toHaveLength(1)
  look(5000)
  expect(said).toHaveLength(2)
  spool.fail('state')
  watch.close()
  expect(said).toHaveLength(3)
})
