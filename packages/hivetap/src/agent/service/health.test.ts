import { expect, it } from 'vitest'
import { DiskFaults } from '../../spool/disk/disk-faults.js'
import type { AgentState, RunningAgent } from '../agent.js'
import { healthOf, statusLine } from './health.js'

const NAMES: AgentState['names'] = {
  events: 0,
  unknownProgram: 0,
  unknownCgroup: 0,
  unresolvedPod: 0,
  away: new Map(),
}

/** A run whose disk does as a test says, by a clock that it sets. */
function running() {
  const clock = { ms: 1000 }
  const faults = new DiskFaults(() => clock.ms)
  const agent: RunningAgent = {
    state: () => ({
      epoch: 'e',
      tools: [{ tool: 'execsnoop', attached: true }],
      sinks: [],
      spool: { heldBytes: 1 << 20, maxBytes: 2 << 20, faults: faults.all },
      produced: 0,
      dropped: {},
      names: NAMES,
    }),
    isAlive: () => true,
    reload: async () => ({ applied: [], needsRestart: [] }),
  }
  return { agent, clock, faults }
}

it('tells of a disk that fails, which file, what, since when, how often and what helps; and no more once it works', () => {
  const { agent, clock, faults } = running()
  expect(healthOf('n', agent)).toMatchObject({ healthy: true, degraded: false, reasons: [] })
  expect(statusLine(agent)).toMatch(/; spool 1 of 2 MiB$/)
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  faults.failed('write', '/spool/1.seg', error)
  faults.failed('write', '/spool/2.seg', error)
  faults.failed('sync', '/spool/2.seg', Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
  const { healthy, degraded, reasons, state } = healthOf('n', agent)
  // To start it anew would not mend its disk.
  expect({ healthy, degraded }).toEqual({ healthy: true, degraded: true })
  const since = /^the disk of the spool fails, since \d{4}-\d\d-\d\dT[\d:.]+Z, /
  for (const reason of reasons) expect(reason).toMatch(since)
  expect(reasons.map((reason) => reason.replace(since, '')).toSorted()).toEqual([
    '2 times in all: cannot write to /spool/2.seg: ENOSPC: no space left on device, write; make room there, or make spool.max_bytes smaller',
    'once in all: cannot bring to the medium /spool/2.seg: EIO: i/o error; the disk may be failing: see the log of the kernel',
  ])
  const write = { task: 'write', path: '/spool/2.seg', error: error.message, times: 2 }
  const time = expect.stringMatching(/^\d{4}-.*Z$/)
  expect(state).toMatchObject({
    spool: {
      faults: expect.arrayContaining([{ ...write, since: time, last: time, failing: true }]),
    },
  })
  expect(statusLine(agent)).toMatch(/; spool 1 of 2 MiB, its disk fails$/)
  faults.worked('write')
  faults.worked('sync')
  clock.ms += 5000
  expect(healthOf('n', agent)).toMatchObject({
    ...{ healthy: true, degraded: false, reasons: [] },
    state: {
      spool: { faults: expect.arrayContaining([{ ...write, since: time, last: time, failing: false }]) },
    },
  })
  expect(statusLine(agent)).toMatch(/; spool 1 of 2 MiB$/)
})
