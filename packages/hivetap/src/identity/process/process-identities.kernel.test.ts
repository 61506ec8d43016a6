import { spawn } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { monotonicNs } from '@hivetap/bpf'
import { afterEach, expect, it } from 'vitest'
import { runBuilt } from '../../../../../test/support/built.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { procStat } from '../../../../../test/support/proc-stat.js'
import { canChoosePids, endProcess, startIdle, startIdleAs } from '../../../../../test/support/same-pid.js'
import { ProcessIdentities } from './process-identities.js'

const now = () => Number(monotonicNs())
const TICK_NS = 1e7
/** Start times count in hundredths of a second. */
const aFewTicks = () => new Promise((resolve) => setTimeout(resolve, 60))
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}
const started: ReturnType<typeof startIdle>[] = []
const start = () => {
  const child = startIdle()
  started.push(child)
  return child
}
/** As the kernel's programs would tell it, to a tick. */
const markOf = (pid: number) => ({
  processStartNs: procStat(pid).startTicks * TICK_NS,
  argumentsAt: procStat(pid).argumentsAt,
})
const NOT_READ = { processStartNs: 0, argumentsAt: 0 }

afterEach(async () => {
  for (const child of started.splice(0)) await endProcess(child)
})

describeKernel('ProcessIdentities', () => {
  it('tells when a process began, by the wall clock', () => {
    const { pid } = start()
    const told = new ProcessIdentities().of(pid, markOf(pid), now())
    expect(told?.start).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    // The kernel tells in whole seconds when the host was started.
    const bootedAt = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1])
    const expected = bootedAt + procStat(pid).startTicks / 100
    expect(Math.abs(Date.parse(told?.start ?? '') / 1000 - expected)).toBeLessThan(1.5)
  })

  it('tells the program, as /proc has it', () => {
    const { pid } = start()
    expect(new ProcessIdentities().of(pid, markOf(pid), now())?.executable).toBe(
      readlinkSync(`/proc/${pid}/exe`),
    )
  })

  it('tells in a pid namespace when a process began, and not the program of another with its number', () => {
    const text = `
      const { readFileSync } = await import('node:fs')
      const { ProcessIdentities } = await import(dist + '../../hivetap/dist/identity/process/process-identities.js')
      const { monotonicNs } = await import(dist + 'index.js')
      const processes = new ProcessIdentities()
      const line = readFileSync('/proc/1/stat', 'latin1')
      const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
      const mark = { processStartNs: fields[19] * 1e7, argumentsAt: Number(fields[45]) }
      answer(processes.of(1, mark, Number(monotonicNs())))
      answer(processes.of(1, { processStartNs: 0, argumentsAt: 0 }, Number(monotonicNs())) ?? 'nothing')`
    const [told, unread] = runBuilt<object>(text, { prefix: ['unshare', '-p', '-f', '--mount-proc'] })
    expect(told).toEqual({ start: expect.any(String) })
    expect(unread).toBe('nothing')
  })

  it('tells without rights when a process began, and no program', () => {
    const { pid } = start()
    const text = `
      const { ProcessIdentities } = await import(dist + '../../hivetap/dist/identity/process/process-identities.js')
      const { monotonicNs } = await import(dist + 'index.js')
      answer(new ProcessIdentities().of(${pid}, ${JSON.stringify(markOf(pid))}, Number(monotonicNs())))`
    expect(runBuilt(text, { prefix: ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] })).toEqual([
      { start: expect.any(String) },
    ])
  })

  it.skipIf(!canChoosePids())(
    'does not give a process the program of the next that has its pid',
    async () => {
      const first = start()
      const mark = markOf(first.pid)
      const known = new ProcessIdentities()
      const told = known.of(first.pid, mark, now())
      await endProcess(first)
      await aFewTicks()
      const second = await startIdleAs(first.pid)
      try {
        const late = new ProcessIdentities()
        expect(late.of(first.pid, mark, now())).toEqual({ start: told?.start })
        expect(late.of(first.pid, mark, now())).toEqual({ start: told?.start })
        // Looked at once.
        expect(late.counts()).toMatchObject({ hits: 1, misses: 1, reused: 1 })
        expect(known.of(first.pid, mark, now())).toBe(told)
        const next = late.of(first.pid, markOf(first.pid), now())
        expect(next?.executable).toBe(realpathSync('/bin/sleep'))
        expect(Date.parse(next?.start ?? '')).toBeGreaterThan(Date.parse(told?.start ?? ''))
      } finally {
        await endProcess(second)
      }
    },
  )

  it('does not give a process the program that it became', async () => {
    const child = spawn('bash', ['-c', 'read; exec sleep 600'], { stdio: ['pipe', 'ignore', 'ignore'] })
    try {
      const pid = child.pid ?? 0
      await until(() => readlinkSync(`/proc/${pid}/exe`) === realpathSync('/bin/bash'))
      const before = markOf(pid)
      child.stdin.write('\n')
      await until(() => readlinkSync(`/proc/${pid}/exe`) === realpathSync('/bin/sleep'))
      const processes = new ProcessIdentities()
      expect(processes.of(pid, before, now())).not.toHaveProperty('executable')
      expect(processes.of(pid, markOf(pid), now())?.executable).toBe(realpathSync('/bin/sleep'))
      expect(processes.counts()).toMatchObject({ misses: 2, replaced: 1 })
    } finally {
      await endProcess(child)
    }
  })

  it('tells of what is gone when it began, and of what was looked at before its program too', async () => {
    const [child, unasked] = [start(), start()]
    const [mark, other] = [markOf(child.pid), markOf(unasked.pid)]
    const processes = new ProcessIdentities()
    const told = processes.of(child.pid, mark, now())
    await endProcess(child)
    await endProcess(unasked)
    expect(processes.of(child.pid, mark, now())).toBe(told)
    expect(processes.of(unasked.pid, other, now())).toEqual({ start: expect.any(String) })
    expect(processes.counts()).toMatchObject({ hits: 1, misses: 2, gone: 1 })
  })

  it('looks at no more in a second than it is told to, and later at those', async () => {
    const processes = new ProcessIdentities({ readsPerSecond: 1 })
    const [one, other] = [start(), start()]
    expect(processes.of(one.pid, markOf(one.pid), now())).toHaveProperty('executable')
    expect(processes.of(other.pid, markOf(other.pid), now())).not.toHaveProperty('executable')
    expect(processes.counts().refused).toBe(1)
    await until(() => processes.of(other.pid, markOf(other.pid), now())?.executable !== undefined)
  })

  it('goes by /proc where the kernel’s programs do not tell', async () => {
    const child = start()
    const processes = new ProcessIdentities()
    const told = processes.of(child.pid, markOf(child.pid), now())
    expect(processes.of(child.pid, NOT_READ, now())).toEqual(told)
    await endProcess(child)
    expect(new ProcessIdentities().of(child.pid, NOT_READ, now())).toBeUndefined()
  })

  it('is as bounded as it is told to be', () => {
    const processes = new ProcessIdentities({ entries: 2 })
    const mark = (processStartNs: number) => ({ processStartNs, argumentsAt: 0 })
    const [first, second] = [processes.of(7, mark(5e9), 0), processes.of(7, mark(6e9), 0)]
    expect(Date.parse(second?.start ?? '') - Date.parse(first?.start ?? '')).toBe(1000)
    expect(processes.of(7, mark(6e9), 0)).toBe(second)
    for (const pid of [8, 9, 10]) processes.of(pid, mark(5e9), 0)
    expect(processes.counts()).toMatchObject({ misses: 0, evicted: 2 })
    expect(processes.of(7, mark(6e9), 0)).toEqual(second)
  })
})
