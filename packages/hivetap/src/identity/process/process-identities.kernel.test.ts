import { readFileSync } from 'node:fs'
import { monotonicNs } from '@hivetap/bpf'
import { afterEach, expect, it } from 'vitest'
import { runBuilt } from '../../../../../test/support/built.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { procStat } from '../../../../../test/support/proc-stat.js'
import { endProcess, startIdle } from '../../../../../test/support/same-pid.js'
import { ProcessIdentities } from './process-identities.js'

const now = () => Number(monotonicNs())
const TICK_NS = 1e7
const started: ReturnType<typeof startIdle>[] = []
const start = () => {
  const child = startIdle()
  started.push(child)
  return child
}
/** As the kernel's programs would tell it, to a tick. */
const startNs = (pid: number) => procStat(pid).startTicks * TICK_NS

afterEach(async () => {
  for (const child of started.splice(0)) await endProcess(child)
})

describeKernel('ProcessIdentities', () => {
  it('tells when a process began, by the wall clock', () => {
    const { pid } = start()
    const told = new ProcessIdentities().of(pid, startNs(pid), now())
    expect(told?.start).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    // The kernel tells in whole seconds when the host was started.
    const bootedAt = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1])
    const expected = bootedAt + procStat(pid).startTicks / 100
    expect(Math.abs(Date.parse(told?.start ?? '') / 1000 - expected)).toBeLessThan(1.5)
  })

  it('tells it of what is gone, and where /proc does not show it', () => {
    const text = `
      const { ProcessIdentities } = await import(dist + '../../hivetap/dist/identity/process/process-identities.js')
      const { monotonicNs } = await import(dist + 'index.js')
      const processes = new ProcessIdentities()
      answer([processes.of(1, 5e9, Number(monotonicNs())), processes.of(1, 0, Number(monotonicNs())) ?? 'nothing'])`
    // Number 1 is another process there.
    const [[told, unread] = []] = runBuilt<[object, string]>(text, {
      prefix: ['unshare', '-p', '-f', '--mount-proc'],
    })
    expect(told).toHaveProperty('start')
    expect(unread).toBe('nothing')
  })

  it('goes by /proc where the kernel’s programs do not tell', async () => {
    const child = start()
    const processes = new ProcessIdentities()
    const told = processes.of(child.pid, startNs(child.pid), now())
    expect(processes.of(child.pid, 0, now())).toEqual(told)
    await endProcess(child)
    expect(new ProcessIdentities().of(child.pid, 0, now())).toBeUndefined()
  })

  it('tells one process from the next that has its pid, and the same by the same object', () => {
    const processes = new ProcessIdentities({ entries: 2 })
    const [first, second] = [processes.of(7, 5e9, 0), processes.of(7, 6e9, 0)]
    expect(Date.parse(second?.start ?? '') - Date.parse(first?.start ?? '')).toBe(1000)
    expect(processes.of(7, 6e9, 0)).toBe(second)
    expect(processes.of(7, 5e9, 0)).toEqual(first)
  })
})
