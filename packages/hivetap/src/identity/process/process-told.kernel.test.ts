import { readFileSync, readlinkSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { Client } from '../../../../../test/support/client.js'
import { events, Hivetap, WITHOUT_BTF } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { procStat } from '../../../../../test/support/proc-stat.js'
import { RUNGS } from '../../probes/tool.js'

const made: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of made.splice(0).reverse()) await one.close()
})

interface Traced {
  readonly run: Hivetap
  readonly pid: number
}

/** Runs tcpconnlat until its client has connected once. */
async function traced(args: readonly string[], prefix: readonly string[] = []): Promise<Traced> {
  const client = new Client()
  made.push({ close: () => client.stop() })
  const { pid } = await client.who()
  const run = new Hivetap(['tcpconnlat', '-x', '-v', '-p', String(pid), ...args], { prefix })
  made.push({ close: () => run.kill() })
  await run.attached()
  await client.connect({ address: '127.0.0.1', port: 1 })
  return { run, pid }
}

describeKernel('an event of a connect', () => {
  it.each([
    ...RUNGS.map((rung) => [rung, []] as const),
    // Its start is /proc's then.
    ['tracepoint', WITHOUT_BTF] as const,
  ])('tells its process by %s as /proc does, behind “%s”', async (rung, prefix) => {
    const { run, pid } = await traced(['-o', 'json', '--hook', rung], prefix)
    await run.until(({ lines }) => lines.length >= 1, 'an event')
    const bootedAt = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1])
    const { startTicks } = procStat(pid)
    const exe = readlinkSync(`/proc/${pid}/exe`)
    expect(await run.end()).toEqual({ code: 0, signal: null })
    const [event] = events(run)
    expect(event?.['exe']).toBe(exe)
    const startedAt = Date.parse(String(event?.['process_start'])) / 1000
    // The kernel tells in whole seconds when the host was started.
    expect(Math.abs(startedAt - (bootedAt + startTicks / 100))).toBeLessThan(1.5)
  })

  it('shows it in a table where that is asked for', async () => {
    const { run, pid } = await traced(['--columns', 'PID,EXE,DADDR'])
    await run.until(({ lines }) => lines.length >= 2, 'a row')
    const exe = readlinkSync(`/proc/${pid}/exe`)
    expect(await run.end()).toEqual({ code: 0, signal: null })
    const [head = '', row = ''] = run.lines
    expect(head.trim().split(/ +/)).toEqual(['PID', 'EXE', 'DADDR'])
    // Behind it stands how the connect ended.
    expect(row.trim().split(/ +/).slice(0, 3)).toEqual([String(pid), exe, '127.0.0.1'])
  })
})
