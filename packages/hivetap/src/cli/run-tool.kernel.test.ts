import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import { Hivetap } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { kernelObjects } from '../../../../test/support/programs-in-kernel.js'
import { openPipe, openTerminal, type TwoEnds } from '../../../../test/support/two-ends.js'

const ORDERLY = { code: 0, signal: null }

let client: Client
const cleanups: (() => unknown)[] = []

beforeEach(() => {
  client = new Client()
})

afterEach(async () => {
  client.stop()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Starts hivetap on the client's process alone. */
async function start(args: readonly string[], stdout?: number): Promise<Hivetap> {
  const { pid } = await client.who()
  const options = stdout === undefined ? {} : { stdout }
  const run = new Hivetap(['tcpconnlat', '-p', String(pid), '-v', ...args], options)
  cleanups.push(() => run.kill())
  return run
}

async function attached(args: readonly string[], stdout?: number): Promise<Hivetap> {
  return (await start(args, stdout)).attached()
}

function opened(ends: TwoEnds): TwoEnds {
  cleanups.push(
    () => ends.closeNear(),
    () => ends.closeFar(),
  )
  return ends
}

/** Makes so many connections, one after the other. */
async function connect(times: number): Promise<void> {
  // Nobody accepts them: a listener has room for somaxconn (4096) of them.
  for (let left = times; left > 0; left -= 1000) {
    const listener = await client.listen('127.0.0.1', { backlog: 1000 })
    for (let count = 0; count < Math.min(left, 1000); count++)
      await client.close((await client.connect(listener)).fd)
    await client.close(listener.fd)
  }
}

/** What of the kernel's a process holds, by the names of its descriptors. */
function held(run: Hivetap, what: RegExp): string[] {
  const folder = `/proc/${run.child.pid}/fd`
  return readdirSync(folder).flatMap((fd) => {
    try {
      const target = readlinkSync(`${folder}/${fd}`)
      return what.test(target) ? [target] : []
    } catch {
      // Closed meanwhile.
      return []
    }
  })
}

/** Descriptors that keep a program attached. */
const LINKS = /bpf[-_]link|raw-tracepoint|perf_event/

const turn = () => new Promise(setImmediate)

/** The numbers of the balance that it told. */
function balance(run: Hivetap): { produced: number; told: number; lost: number } {
  const [, produced, told, filtered, lost] =
    /(\d+) connects: (\d+) told, (\d+) left out by filters, 0 under way, (\d+) lost/.exec(run.stderr) ?? []
  // Connects of other processes on the machine are left out.
  return { produced: Number(produced) - Number(filtered), told: Number(told), lost: Number(lost) }
}

const wholeLines = (text: string) => text.split('\n').length - 1

describeKernel('a signal', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'that comes while programs are loaded ends the run in order, with nothing left in the kernel: %s',
    async (signal) => {
      const before = kernelObjects()
      const run = await start(['--stats'])
      // The first map is there: it is loading, and its event loop does not run.
      while (held(run, /bpf-map/).length === 0) await turn()
      expect(await run.end(signal)).toEqual(ORDERLY)
      expect(run.stderr).toMatch(/^hivetap: \d+ connects: 0 told/m)
      await expect.poll(() => fresh(before), { timeout: 5000 }).toEqual([])
    },
  )

  it('of a terminal that is closed ends it as Ctrl-C does', async () => {
    const run = await attached(['--stats'])
    await connect(3)
    await run.until(({ lines }) => lines.length === 4, 'three rows')
    expect(await run.end('SIGHUP')).toEqual(ORDERLY)
    expect(balance(run)).toEqual({ produced: 3, told: 3, lost: 0 })
  })

  it.each([
    { first: 'SIGINT', second: 'SIGINT' },
    { first: 'SIGINT', second: 'SIGTERM' },
    { first: 'SIGTERM', second: 'SIGINT' },
    { first: 'SIGTERM', second: 'SIGHUP' },
  ] as const)(
    'that is the second ends it at once, while it waits for its reader: $first, $second',
    async ({ first, second }) => {
      const before = kernelObjects()
      const run = await attached(['-o', 'json'], opened(openPipe()).near)
      await connect(500)
      expect(held(run, LINKS)).not.toEqual([])
      run.child.kill(first)
      // The first was heard: its programs are detached.
      while (held(run, LINKS).length > 0) await turn()
      expect(await run.end(second)).toEqual({ code: null, signal: second })
      // It said nothing more: it did not wait.
      expect(run.stderr).not.toContain('connects:')
      await expect.poll(() => fresh(before), { timeout: 5000 }).toEqual([])
    },
  )
})

describeKernel('what was not told', () => {
  it('was not written, rather than lost for lack of room, when nobody reads; what was told is there', async () => {
    const ends = opened(openPipe())
    const run = await attached(['-o', 'json'], ends.near)
    await connect(1000)
    expect(await run.end('SIGINT')).toEqual(ORDERLY)
    const { produced, told, lost } = balance(run)
    expect({ produced, sum: told + lost }).toEqual({ produced: 1000, sum: 1000 })
    // The buffer had room for ten thousands of them.
    expect(run.stderr).toContain(`${lost} lost: ${lost} not written (output)`)
    const read = ends.read()
    expect(wholeLines(read)).toBe(told)
    expect(read.endsWith('}\n')).toBe(true)
    for (const line of read.trimEnd().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ tool: 'tcpconnlat' })
  })

  it('was not written when the reader went away with events still in the buffer', async () => {
    const ends = opened(openPipe())
    const run = await attached(['-o', 'json', '--stats'], ends.near)
    // More than one batch (4096), so that some are never taken from the buffer before the reader is found to be gone.
    run.child.kill('SIGSTOP')
    await connect(5000)
    ends.closeFar()
    run.child.kill('SIGCONT')
    expect(await run.ended()).toEqual(ORDERLY)
    expect(balance(run)).toEqual({ produced: 5000, told: 0, lost: 5000 })
    expect(run.stderr).toContain('5000 lost: 5000 not written (output)')
  })

  it('is told too when the disk is full', async () => {
    const fd = openSync('/dev/full', 'w')
    cleanups.push(() => closeSync(fd))
    const run = await attached(['-o', 'json'], fd)
    run.child.kill('SIGSTOP')
    await connect(50)
    run.child.kill('SIGCONT')
    expect(await run.ended()).toEqual({ code: 1, signal: null })
    expect(balance(run)).toEqual({ produced: 50, told: 0, lost: 50 })
    expect(run.stderr).toContain('50 lost: 50 not written (output)')
    expect(run.stderr).toContain('hivetap: Cannot write to standard output: ENOSPC.\n')
  })
})

describeKernel('a terminal', () => {
  it.each([
    { name: 'by Ctrl-C', args: [], signal: 'SIGINT' },
    { name: 'by itself', args: ['--duration', '1.5'], signal: undefined },
  ] as const)('that was stopped lets the run end, $name', async ({ args, signal }) => {
    const ends = opened(openTerminal())
    const run = await attached(args, ends.near)
    // Some 70 KB; a terminal holds less than 20.
    await connect(1000)
    expect(await (signal === undefined ? run.ended() : run.end(signal))).toEqual(ORDERLY)
    const { produced, told, lost } = balance(run)
    expect({ produced, sum: told + lost }).toEqual({ produced: 1000, sum: 1000 })
    // The head is no event.
    expect(wholeLines(ends.read())).toBe(told + 1)
  })

  it('that went away is a reader that is gone', async () => {
    const ends = opened(openTerminal())
    const run = await attached([], ends.near)
    // Its head is there: what goes away now is met by the first row.
    await expect.poll(() => wholeLines(ends.read())).toBe(1)
    ends.closeFar()
    await connect(1)
    // Node itself would abort: it cannot put back a terminal that is not there.
    expect(await run.ended()).toEqual({ code: null, signal: 'SIGHUP' })
    expect(balance(run)).toEqual({ produced: 1, told: 0, lost: 1 })
    expect(run.stderr).not.toMatch(/EIO|Assertion/)
  })
})

describeKernel('--duration', () => {
  it('ends the run by itself', async () => {
    const run = await attached(['--duration', '0.2', '--stats'])
    expect(await run.ended()).toEqual(ORDERLY)
    // Others on the machine connect too: none of that is told.
    expect(run.stderr).toMatch(
      /^hivetap: (\d+) connects: 0 told, \1 left out by filters, 0 under way, 0 lost$/m,
    )
  })

  it('may be as long as a timer can be, and does not keep a run that was ended before', async () => {
    const run = await attached(['--duration', '2000000'])
    await connect(1)
    await run.until(({ lines }) => lines.length === 2, 'a row')
    expect(await run.end('SIGINT')).toEqual(ORDERLY)
  })
})

function fresh(before: ReturnType<typeof kernelObjects>): string[] {
  const after = kernelObjects()
  return (['programs', 'maps', 'links'] as const).flatMap((kind) =>
    after[kind].filter((id) => !before[kind].includes(id)).map((id) => `${kind} ${id}`),
  )
}
