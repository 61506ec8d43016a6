import { beforeEach, expect, it } from 'vitest'
import { DISK_TASKS, DiskFaults, type DiskTask } from '../spool/disk/disk-faults.js'
import type { AgentLog } from './agent.js'
import { DiskWatch } from './disk-watch.js'

let now = 0
beforeEach(() => {
  now = 1000
})

/** A watch on a spool that a test makes fail, and what it said. */
function watched() {
  const said: string[] = []
  const say = (message: string, details: unknown) =>
    void said.push(`${message.slice(0, 35)} ${JSON.stringify(details)}`)
  const log: AgentLog = { debug: say, info: say, warn: say, error: say, with: () => log }
  const faults = new DiskFaults(() => now)
  const spool = {
    get errors() {
      const [write = 0, read = 0, sync = 0, state = 0, remove = 0] = DISK_TASKS.map((task) =>
        faults.times(task),
      )
      return { write, read, sync, state, remove, last: undefined }
    },
    get faults() {
      return faults.all
    },
    fail: (task: DiskTask) => faults.failed(task, '/spool/file', new Error('EIO')),
    work: (task: DiskTask) => faults.worked(task),
  }
  const watch = new DiskWatch(spool, log)
  const look = (afterMs: number) => {
    now += afterMs
    watch.look()
  }
  return { spool, said, watch, look }
}

it.each(DISK_TASKS)('says once that it cannot %s, with the file, and once that it can', (task) => {
  const { spool, said, watch, look } = watched()
  look(1000)
  expect(said).toEqual([])
  for (let times = 0; times < 5; times++) {
    spool.fail(task)
    look(1000)
  }
  expect(said).toEqual([
    expect.stringMatching(new RegExp(`^the disk of the spool fails.*/spool/file: EIO.*"${task}_errors":1`)),
  ])
  // Nothing was tried: that nothing failed says nothing.
  look(60_000)
  expect(said).toHaveLength(1)
  spool.work(task)
  look(1000)
  expect(said).toEqual([expect.anything(), expect.stringMatching(`works again.*"${task}_errors":5`)])
  watch.close()
  expect(said).toHaveLength(2)
})

it('does not take a pause between two failures for their end, and looks once more at the end', () => {
  const { spool, said, watch, look } = watched()
  for (let times = 0; times < 5; times++) {
    spool.fail('sync')
    spool.work('sync')
    look(1000)
    spool.work('sync')
    look(3000)
  }
  expect(said).toHaveLength(1)
  look(5000)
  expect(said).toHaveLength(2)
  spool.fail('state')
  watch.close()
  expect(said).toHaveLength(3)
})
