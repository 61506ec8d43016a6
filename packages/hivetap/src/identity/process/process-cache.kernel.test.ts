import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monotonicNs } from '@hivetap/bpf'
import { afterEach, expect, it } from 'vitest'
import { runBuilt } from '../../../../../test/support/built.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { canChoosePids, endProcess, startIdle, startIdleAs } from '../../../../../test/support/same-pid.js'
import { BootClock } from './boot-clock.js'
import { ProcessCache } from './process-cache.js'
import type { ProcessFacts } from './read-process.js'

const now = () => Number(monotonicNs())
/** Start times count in hundredths of a second: two processes are told apart from there on. */
const aFewTicks = () => new Promise((resolve) => setTimeout(resolve, 60))
const started: ReturnType<typeof startIdle>[] = []
const start = () => {
  const child = startIdle()
  started.push(child)
  return child
}

afterEach(async () => {
  for (const child of started.splice(0)) await endProcess(child)
})

describeKernel('ProcessCache', () => {
  it('tells what ps tells', () => {
    const { pid } = start()
    const facts = new ProcessCache().at(pid, now())
    const startedAt = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
    })
    expect(facts?.executable).toBe(realpathSync('/bin/sleep'))
    // ps reckons with whole seconds, of three times.
    const seconds = Date.parse(`${startedAt.trim()} UTC`) / 1000
    const clock = new BootClock()
    expect(Math.abs(clock.wallTime(clock.timeOf(facts?.startTicks ?? 0)) / 1000 - seconds)).toBeLessThan(3)
  })

  it('reads once what is asked for often', () => {
    const { pid } = start()
    const cache = new ProcessCache()
    const first = cache.at(pid, now())
    const time = now()
    for (let times = 0; times < 100; times++) expect(cache.at(pid, time)).toEqual(first)
    expect(cache.counts()).toMatchObject({ hits: 100, misses: 1, gone: 0, reused: 0 })
  })

  it('knows what is gone for events from when it was there', async () => {
    const child = start()
    const cache = new ProcessCache()
    const time = now()
    const facts = cache.at(child.pid, time)
    await endProcess(child)
    expect(cache.at(child.pid, time)).toEqual(facts)
    await aFewTicks()
    expect(cache.at(child.pid, now())).toBeUndefined()
    expect(cache.counts().gone).toBe(1)
  })

  it.skipIf(!canChoosePids())('tells one process from the next that has its pid', async () => {
    const first = start()
    const cache = new ProcessCache()
    await aFewTicks()
    const [before, unasked] = [now(), start()]
    const known = cache.at(first.pid, before) as ProcessFacts
    const beforeUnasked = now()
    await endProcess(first)
    await endProcess(unasked)
    await aFewTicks()
    const second = await startIdleAs(first.pid)
    const third = await startIdleAs(unasked.pid)
    try {
      await aFewTicks()
      const after = now()
      // Nobody asked for it while it was there: that it was another is all that can be told.
      expect(cache.at(unasked.pid, beforeUnasked)).toBeUndefined()
      expect(cache.counts().reused).toBe(1)
      expect(cache.at(first.pid, before)).toEqual(known)
      const next = cache.at(first.pid, after) as ProcessFacts
      expect(next.startTicks).toBeGreaterThan(known.startTicks)
      expect(cache.at(first.pid, before)).toBeUndefined()
    } finally {
      await endProcess(second)
      await endProcess(third)
    }
  })

  it('is as bounded as it is told to be', () => {
    const cache = new ProcessCache({ entries: 2, readsPerSecond: 3 })
    const children = [start(), start(), start(), start()]
    const told = children.map(({ pid }) => cache.at(pid, now()) !== undefined)
    expect(told).toEqual([true, true, true, false])
    expect(cache.counts()).toMatchObject({ misses: 3, refused: 1, evicted: 1 })
  })

  it('says that a program was removed, as the kernel does', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hivetap-test-'))
    try {
      const path = join(directory, 'program with (a name) ')
      copyFileSync(process.execPath, path)
      const text = `
        import { spawn } from 'node:child_process'
        import { rmSync } from 'node:fs'
        const { ProcessCache } = await import(dist + '../../hivetap/dist/identity/process/process-cache.js')
        const { monotonicNs } = await import(dist + 'index.js')
        const child = spawn(${JSON.stringify(path)}, ['-e', 'setInterval(() => {}, 1000)'])
        await new Promise((resolve) => child.once('spawn', resolve))
        rmSync(${JSON.stringify(path)})
        answer(new ProcessCache().at(child.pid, Number(monotonicNs())))
        child.kill()`
      expect(runBuilt<ProcessFacts>(text)[0]?.executable).toBe(`${path} (deleted)`)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('tells nothing in a pid namespace, where a number is another process’s', () => {
    const text = `
      const { ProcessCache } = await import(dist + '../../hivetap/dist/identity/process/process-cache.js')
      const { monotonicNs } = await import(dist + 'index.js')
      const cache = new ProcessCache()
      answer([cache.at(1, Number(monotonicNs())) ?? 'nothing', cache.showsHost])`
    expect(runBuilt(text, { prefix: ['unshare', '-p', '-f', '--mount-proc'] })).toEqual([['nothing', false]])
    const [facts] = runBuilt<[ProcessFacts, boolean]>(text)
    expect(facts?.[0].startTicks).toBeTypeOf('number')
    expect(facts?.[1]).toBe(true)
  })

  it('tells without rights what may be told', () => {
    const text = `
      const { ProcessCache } = await import(dist + '../../hivetap/dist/identity/process/process-cache.js')
      const { monotonicNs } = await import(dist + 'index.js')
      answer(new ProcessCache().at(${process.pid}, Number(monotonicNs())))`
    const [facts] = runBuilt<ProcessFacts>(text, {
      prefix: ['setpriv', '--bounding-set=-all', '--inh-caps=-all'],
    })
    expect(facts).not.toHaveProperty('executable')
    expect(facts?.startTicks).toBe(new ProcessCache().at(process.pid, now())?.startTicks)
  })
})
