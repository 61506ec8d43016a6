import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { TestCgroup } from '../../../../../test/support/cgroup.js'
import { hasCommand } from '../../../../../test/support/commands.js'
import { type Ending, Endings } from '../../../../../test/support/endings.js'
import { events, Hivetap, type JsonEvent, WITHOUT_BTF } from '../../../../../test/support/hivetap.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { printf } from '../../../../../test/support/printf.js'
import { BUFFERS, RUNGS } from '../tool.js'

const KERNEL_BTF = '/sys/kernel/btf/vmlinux'

/** One thread, or the first of them the last: told alike with the kernel's types and without. */
const PLAIN = [
  'exit:0',
  'exit:1',
  'exit:255',
  'killed:15',
  'killed:9',
  'killed:11',
  'killed:34',
  'core',
  'threads-first:6',
]
/** The first thread does not end last, or not as the process does, or at the same time as others. */
const THREADED = [
  'leader-first-process:7',
  'leader-first-threads:5',
  'leader-first-killed:15',
  'thread-core',
  'thread-exec',
  'crowd-process:2',
  'crowd-threads:8',
  ...Array.from({ length: 100 }, () => 'pair:4'),
]

const runs: Hivetap[] = []
let endings: Endings

const describeEndings = describeKernelIf(hasCommand('gcc'))

beforeAll(() => {
  if (hasCommand('gcc')) endings = new Endings()
})

afterAll(() => endings?.close())

afterEach(async () => {
  for (const run of runs.splice(0)) await run.kill()
})

async function trace(
  args: readonly string[],
  options: ConstructorParameters<typeof Hivetap>[1] = {},
): Promise<Hivetap> {
  const run = new Hivetap(['exitsnoop', '-v', '--stats', ...args], options)
  runs.push(run)
  return run.attached()
}

interface Account {
  readonly ended: boolean
  readonly produced: number
  readonly delivered: number
  readonly filtered: number
  readonly in_flight: number
  readonly dropped: Readonly<Record<string, number>>
}

/** The account with which a run has ended. */
const accountOf = (run: Hivetap) => run.ledgers.at(-1) as unknown as Account

/** Ends the run in order; its events of these processes, by process and in the order in which they came. */
async function eventsOf(run: Hivetap, made: readonly Ending[]): Promise<JsonEvent[][]> {
  expect(await run.end()).toEqual({ code: 0, signal: null })
  expectBalanced(run)
  const all = events(run)
  return made.map(({ pid }) => all.filter((event) => event['pid'] === pid))
}

/** Nothing is unaccounted for, and nothing was lost. */
function expectBalanced(run: Hivetap): void {
  const { ended, produced, delivered, filtered, in_flight, dropped } = accountOf(run)
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  expect(ended).toBe(true)
  expect(produced).toBe(delivered + filtered + lost + in_flight)
  expect(delivered).toBe(events(run).length)
  expect(lost).toBe(0)
}

/** The name of a signal, as node has it; of real-time signals it knows none. */
function nameOf(signal: number): string {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? 'SIGRTMIN'
}

/** How the event must say that it ended: as waitpid(2) has told the parent. */
function ended({ status }: Ending): object {
  const signal = status & 0x7f
  if (signal === 0) return { exit_code: status >> 8 }
  return { signal: nameOf(signal), signal_number: signal, core_dumped: (status & 0x80) !== 0 }
}

/** What ends as another program bears its name. */
const nameOfProcess = ({ kind }: Ending) => (kind === 'thread-exec' ? 'sh' : 'endings-first')

/** Holds the one event of a process against what its parent knows. */
function expectTold(told: readonly JsonEvent[] | undefined, ending: Ending): void {
  const { pid, ppid } = ending
  const context = `${ending.kind} ${pid}`
  expect(told, context).toHaveLength(1)
  const [event = {}] = told ?? []
  const who = { tool: 'exitsnoop', pid, tid: pid, ppid, uid: process.getuid?.(), comm: nameOfProcess(ending) }
  expect(event, context).toMatchObject({ ...who, ...ended(ending) })
  for (const field of ['exit_code', 'signal', 'signal_number', 'core_dumped'])
    expect(field in event, `${context} ${field}`).toBe(field in ended(ending))
  const age = Number(event['age_us']) * 1000
  expect(age, context).toBeGreaterThanOrEqual(ending.endedAfter - ending.bornBefore - 1000)
  expect(age, context).toBeLessThanOrEqual(ending.endedBefore - ending.bornAfter)
}

async function expectAllTold(run: Hivetap, kinds: readonly string[]): Promise<void> {
  const made = endings.make(...kinds)
  const told = await eventsOf(run, made)
  for (const [index, ending] of made.entries()) expectTold(told[index], ending)
}

for (const rung of RUNGS) {
  for (const buffer of BUFFERS) {
    describeEndings(`exitsnoop by ${rung} through ${buffer}`, () => {
      it('tells each process once, and how it ended as its parent is told', async () => {
        const run = await trace(['-o', 'json', '--hook', rung, '--buffer', buffer])
        expect(run.stderr).toContain(`attached by ${rung}`)
        await expectAllTold(run, [...PLAIN, ...THREADED])
      })
    })
  }

  describeEndings(`exitsnoop by ${rung}`, () => {
    it('tells each process once where the tracepoint does not say which thread was the last', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'hivetap-btf-'))
      try {
        const run = await trace(['-o', 'json', '--hook', rung], { prefix: withoutGroupDead(directory) })
        await expectAllTold(run, [...PLAIN, ...THREADED])
      } finally {
        rmSync(directory, { recursive: true })
      }
    })
  })
}

/** Stands in front of a command that is to find the kernel's BTF as before Linux 6.16: without `group_dead`. */
function withoutGroupDead(directory: string): string[] {
  const btf = join(directory, 'vmlinux')
  const bytes = readFileSync(KERNEL_BTF)
  const at = bytes.indexOf('\0group_dead\0')
  if (at >= 0) bytes.write('group_gone', at + 1)
  writeFileSync(btf, bytes)
  return ['unshare', '-m', 'sh', '-c', `mount --bind ${btf} ${KERNEL_BTF} && exec "$0" "$@"`]
}

describeEndings('exitsnoop', () => {
  it.each(BUFFERS)(
    'tells on a kernel without BTF what has one thread, or its first last: %s',
    async (buffer) => {
      const run = await trace(['-o', 'json', '--buffer', buffer], { prefix: WITHOUT_BTF })
      expect(run.stderr).toContain('attached by tracepoint')
      const made = endings.make(...PLAIN)
      const told = await eventsOf(run, made)
      for (const [index, ending] of made.entries()) {
        // What one thread ends with does not say that no other has left a core.
        if (ending.kind === 'killed' && ending.status === constants.signals.SIGSEGV) {
          expect(told[index]).toMatchObject([{ pid: ending.pid, signal: 'SIGSEGV' }])
          expect(told[index]?.[0]).not.toHaveProperty('core_dumped')
        } else {
          expectTold(told[index], ending)
        }
      }
    },
  )

  it('tells on a kernel without BTF a process of several threads when its first ends', async () => {
    const run = await trace(['-o', 'json'], { prefix: WITHOUT_BTF })
    const made = endings.make('leader-first-process:7', 'crowd-process:2')
    const [first, crowd] = await eventsOf(run, made)
    expect(first).toMatchObject([{ pid: made[0]?.pid, tid: made[0]?.pid, exit_code: 0 }])
    expect(crowd).toMatchObject([{ pid: made[1]?.pid, exit_code: 2 }])
  })

  it.each([
    { hidden: false, prefix: [] },
    { hidden: true, prefix: WITHOUT_BTF },
  ])('tells each thread with -T; BTF hidden: $hidden', async ({ prefix }) => {
    const run = await trace(['-o', 'json', '-T'], { prefix })
    const made = endings.make('leader-first-threads:5', 'crowd-threads:8')
    const [leaderFirst, crowd] = await eventsOf(run, made)
    const [apart, together] = made
    expect(leaderFirst).toMatchObject([
      { pid: apart?.pid, tid: apart?.tids[0], ppid: apart?.ppid, comm: 'endings-first', exit_code: 5 },
      { pid: apart?.pid, tid: apart?.tids[1], ppid: apart?.ppid, comm: 'endings-thread', exit_code: 3 },
    ])
    expect(crowd?.map(({ tid }) => tid).sort()).toEqual([...(together?.tids ?? [])].sort())
    expect(crowd?.every((event) => event['exit_code'] === 8)).toBe(true)
    const ages = (leaderFirst ?? []).map(({ age_us }) => Number(age_us))
    // The second thread was made 20 ms after the first, and lived 50 ms longer.
    expect(ages[0]).toBeGreaterThanOrEqual(20_000)
    expect(ages[1]).toBeGreaterThanOrEqual(50_000)
  })

  it('leaves out in the kernel what ended well, with -x', async () => {
    const run = await trace(['-o', 'json', '-x'])
    const made = endings.make('exit:0', 'exit:1', 'killed:15', 'leader-first-process:7', 'crowd-process:0')
    const told = await eventsOf(run, made)
    expect(told.map((all) => all.length)).toEqual([0, 1, 1, 1, 0])
    expect(accountOf(run).filtered).toBeGreaterThanOrEqual(2)
  })

  it('leaves out other processes in the kernel, with -p', async () => {
    const child = spawn('sh', ['-c', 'read line; exit 9'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const exit = once(child, 'exit')
    try {
      const run = await trace(['-o', 'json', '-p', String(child.pid)])
      endings.make('exit:1')
      child.stdin.end()
      expect(await exit).toEqual([9, null])
      const told = await eventsOf(run, [])
      expect(told).toEqual([])
      expect(events(run)).toMatchObject([
        { pid: child.pid, tid: child.pid, ppid: process.pid, comm: 'sh', exit_code: 9 },
      ])
      expect(events(run)).toHaveLength(1)
      expect(accountOf(run).filtered).toBeGreaterThanOrEqual(1)
    } finally {
      child.kill()
    }
  })

  it('leaves out in the kernel what is in no cgroup below the one that is wanted, with -c', async ({
    skip,
  }) => {
    const cgroup = TestCgroup.create()
    if (cgroup === undefined) return skip('no cgroup of version 2 can be made here')
    const child = spawn('sh', ['-c', 'read line; exit 8'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const exit = once(child, 'exit')
    try {
      cgroup.add(child.pid as number)
      const run = await trace(['-o', 'json', '-c', cgroup.path])
      endings.make('exit:1')
      child.stdin.end()
      await exit
      await eventsOf(run, [])
      const { ino } = statSync(cgroup.path)
      expect(events(run)).toMatchObject([{ pid: child.pid, cgroup_id: ino, exit_code: 8 }])
      expect(events(run)).toHaveLength(1)
    } finally {
      child.kill()
      cgroup.close()
    }
    return undefined
  })

  it.each([
    { args: [], time: false },
    { args: ['-t'], time: true },
  ])('prints the table that bcc prints: $args', async ({ args, time }) => {
    const run = await trace(args)
    const made = endings.make('exit:0', 'exit:255', 'killed:15', 'killed:9', 'killed:11', 'killed:35', 'core')
    await run.end()
    const endingsText = [
      '0',
      'code 255',
      'signal 15 (Terminated)',
      'signal 9 (Killed)',
      'signal 11 (Segmentation fault)',
      'signal 35 (Real-time signal 1)',
      `signal 11 (Segmentation fault)${(made[6]?.status ?? 0) & 0x80 ? ', core dumped' : ''}`,
    ]
    const [header, ...rows] = run.lines
    const columns = ['PCOMM', 'PID', 'PPID', 'TID', 'AGE(s)', 'EXIT_CODE']
    const headerFormat = '%-16s %-7s %-7s %-7s %-7s %s'
    expect(header).toBe(
      time ? printf(`%-8s ${headerFormat}`, 'TIME(s)', ...columns) : printf(headerFormat, ...columns),
    )
    for (const [index, { pid, ppid }] of made.entries()) {
      const row = rows.find((one) => one.includes(` ${pid} `)) ?? ''
      const [, clock, rest = ''] = /^(\d\d:\d\d:\d\d )?(.*)$/.exec(row) ?? []
      expect(clock !== undefined).toBe(time)
      const age = / (\d+\.\d\d) /.exec(rest)?.[1] ?? ''
      expect(rest).toBe(
        printf(
          '%-16s %-7d %-7d %-7d %-7.2f %s',
          ...['endings-first', pid, ppid, pid, age, endingsText[index] ?? ''],
        ),
      )
    }
  })
})
