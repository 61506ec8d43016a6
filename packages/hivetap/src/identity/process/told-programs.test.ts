import { describe, expect, it } from 'vitest'
import type { ProgramPath } from '../../probes/processes/program-path.js'
import { BootClock } from './boot-clock.js'
import { ProcessIdentities } from './process-identities.js'

/** No process is told there: what the kernel's programs noted is all there is, as in a pod. */
const NO_PROC = '/nowhere/proc'
const MARK = { processStartNs: 5e9, argumentsAt: 0x7000 }
const JAVA: ProgramPath = { path: '/usr/bin/java', whole: true }

/** Identities, with what the kernel's programs have noted of programs, and how often they were asked. */
function identitiesOf(noted: () => ProgramPath | undefined) {
  let asked = 0
  const programs = {
    programPath: () => {
      asked++
      return noted()
    },
  }
  const clock = new BootClock({ monotonicNs: () => 9n, boottimeNs: () => 9n, realtimeNs: () => 9n }, 100)
  const processes = new ProcessIdentities({ programs, proc: NO_PROC, clock })
  return { processes, asked: () => asked }
}

describe('programs that the kernel’s programs noted', () => {
  it('are told where /proc shows none, and asked for once', () => {
    const { processes, asked } = identitiesOf(() => JAVA)
    const told = processes.of(7, MARK, 0)
    expect(told).toEqual({ start: '1970-01-01T00:00:05.000Z', executable: '/usr/bin/java' })
    expect(processes.of(7, MARK, 0)).toBe(told)
    expect(asked()).toBe(1)
    expect(processes.counts()).toMatchObject({ told: 1, cut: 0, hits: 1, misses: 0 })
  })

  it('are asked for again, as long as none was noted', () => {
    let noted: ProgramPath | undefined
    const { processes, asked } = identitiesOf(() => noted)
    const first = processes.of(7, MARK, 0)
    expect(first).not.toHaveProperty('executable')
    expect(processes.of(7, MARK, 0)).toBe(first)
    noted = JAVA
    const second = processes.of(7, MARK, 0)
    expect(second?.executable).toBe('/usr/bin/java')
    expect(processes.of(7, MARK, 0)).toBe(second)
    expect(asked()).toBe(3)
  })

  it('are told as far as they are known, where they are cut', () => {
    const { processes } = identitiesOf(() => ({ path: '…/bin/java', whole: false }))
    expect(processes.of(7, MARK, 0)?.executable).toBe('…/bin/java')
    expect(processes.counts()).toMatchObject({ told: 1, cut: 1 })
  })

  it('are others’ after an exec, and with another start', () => {
    const noted = [JAVA, { path: '/bin/sh', whole: true }, { path: '/bin/ls', whole: true }]
    const { processes } = identitiesOf(() => noted.shift())
    processes.of(7, MARK, 0)
    expect(processes.of(7, { ...MARK, argumentsAt: 0x8000 }, 0)?.executable).toBe('/bin/sh')
    expect(processes.of(7, { ...MARK, processStartNs: 6e9 }, 0)?.executable).toBe('/bin/ls')
  })

  it('are not told of an event that does not say which program it was, and are remembered', () => {
    const { processes, asked } = identitiesOf(() => JAVA)
    const told = processes.of(7, MARK, 0)
    // A thread that ends has no memory any more.
    const bare = processes.of(7, { ...MARK, argumentsAt: 0 }, 0)
    expect(bare).toEqual({ start: told?.start })
    expect(processes.of(7, { ...MARK, argumentsAt: 0 }, 0)).toBe(bare)
    expect(processes.of(7, MARK, 0)).toBe(told)
    expect(asked()).toBe(1)
  })

  it('are done without, where they cannot be read', () => {
    const { processes } = identitiesOf(() => {
      throw new Error('out of order')
    })
    expect(processes.of(7, MARK, 0)).toEqual({ start: '1970-01-01T00:00:05.000Z' })
    expect(processes.counts()).toMatchObject({ told: 0, failed: 1 })
  })
})
