import { expect, it } from 'vitest'
import { DISK_TASKS, DiskFaults } from './disk-faults.js'
import { FileCutError, faultText } from './fault-text.js'

const EIO = Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' })

/** Faults by a clock that a test sets. */
function faultsAt() {
  const clock = { ms: 1000 }
  return { clock, faults: new DiskFaults(() => clock.ms) }
}

it('tells which file, what, how often and since when, and that it is past once the disk has worked for a while', () => {
  const { clock, faults } = faultsAt()
  const before = Date.now()
  expect(faults.all).toEqual([])
  faults.failed('write', '/spool/1.seg', EIO)
  faults.failed('write', '/spool/2.seg', EIO)
  const [fault] = faults.all
  expect(fault).toMatchObject({ task: 'write', path: '/spool/2.seg', error: EIO, times: 2, failing: true })
  expect(fault?.sinceMs).toBeGreaterThanOrEqual(before)
  expect(fault?.lastMs).toBeGreaterThanOrEqual(fault?.sinceMs ?? 0)
  // Nothing was tried.
  clock.ms += 60_000
  expect(faults.all[0]?.failing).toBe(true)
  faults.worked('write')
  expect(faults.all).toMatchObject([{ times: 2, failing: false }])
  faults.failed('write', '/spool/3.seg', EIO)
  faults.worked('write')
  // It works now and then.
  clock.ms += 4999
  expect(faults.all).toMatchObject([{ times: 3, failing: true }])
  clock.ms += 1
  expect(faults.all).toMatchObject([{ times: 3, failing: false }])
})

it('tells each task for itself: one that works says nothing of another', () => {
  const { clock, faults } = faultsAt()
  for (const task of DISK_TASKS) faults.failed(task, task, EIO)
  clock.ms += 5000
  const failing = () => faults.all.flatMap((fault) => (fault.failing ? [fault.task] : []))
  for (const task of ['remove', 'state', 'sync'] as const) faults.worked(task)
  expect(failing()).toEqual(['write', 'read'])
  // What could not be read is not tried again: that the disk takes what is new is all there will be.
  faults.worked('write')
  expect(failing()).toEqual([])
  faults.failed('write', '', EIO)
  faults.worked('read')
  clock.ms += 5000
  expect(failing()).toEqual(['write'])
})

it('says what happened, to which file, and what to do', () => {
  const said = (error: unknown) => faultText({ task: 'read', path: '/spool/1.seg', error })
  expect(said(EIO)).toBe(
    'cannot read /spool/1.seg: EIO: i/o error, write; the disk may be failing: see the log of the kernel',
  )
  expect(said(new FileCutError(4096, 100))).toBe(
    'cannot read /spool/1.seg: it ends at byte 100, and 4096 were written; somebody else cut it: leave the files of a spool to the agent',
  )
  const stale = { code: 'Unknown system error -116', errno: -116 }
  expect(said(Object.assign(new Error('Unknown system error -116, read'), stale))).toBe(
    'cannot read /spool/1.seg: ESTALE; its server has it no more: mount the directory anew, and start the agent anew',
  )
  expect(said('odd')).toBe('cannot read /spool/1.seg: odd; see that its disk works')
})
