import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { cgroup2Mount, TestCgroup } from '../../../../../test/support/cgroup.js'
import { hasCommand } from '../../../../../test/support/commands.js'
import { ExecCaller, ExecFolder, type Started, type Word } from '../../../../../test/support/exec-caller.js'
import { events, Hivetap, WITHOUT_BTF } from '../../../../../test/support/hivetap.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { printf } from '../../../../../test/support/printf.js'
import { openTool } from '../open-tool.js'
import { BUFFERS, RUNGS } from '../tool.js'
import { execsnoop } from './execsnoop.js'

const describeHere = describeKernelIf(hasCommand('gcc'))
const ANOTHER_USER = 10_001
const AS_ANOTHER_USER = [
  ...['setpriv', '--reuid', String(ANOTHER_USER), '--regid', String(ANOTHER_USER), '--clear-groups'],
]

/** What texts a program may be given. */
const ODD_TEXTS: readonly Word[] = [
  '',
  'two words',
  '"quoted" \'twice\'',
  'a\nb\tc\u001b[2Jd\u0001\u007f',
  'grün 程序 🐝',
  '\u202egnp.exe',
  Buffer.from([0x66, 0xff, 0xfe, 0x80, 0x67]),
  '',
  'x'.repeat(5000),
  '',
]

let folder: ExecFolder
const callers: ExecCaller[] = []
const runs: Hivetap[] = []
let caller: ExecCaller

beforeAll(() => {
  if (hasCommand('gcc')) folder = new ExecFolder()
})
afterAll(() => folder?.close())

beforeEach(async () => {
  caller = await startCaller()
})
afterEach(async () => {
  for (const one of callers.splice(0)) await one.stop()
  for (const run of runs.splice(0)) await run.kill()
})

async function startCaller(prefix: readonly string[] = []): Promise<ExecCaller> {
  const started = await ExecCaller.start(folder.program, prefix)
  callers.push(started)
  return started
}

/** Starts execsnoop, on the caller's process alone unless told otherwise. */
async function trace(
  args: readonly string[],
  options: ConstructorParameters<typeof Hivetap>[1] = {},
): Promise<Hivetap> {
  const only = args.some((arg) => ['-u', '-c', '--cgroup', '-p'].includes(arg))
    ? []
    : ['-p', String(caller.pid)]
  const run = new Hivetap(['execsnoop', ...only, '-v', '--stats', ...args], options)
  runs.push(run)
  return run.attached()
}

/** Waits for so many lines, ends the run in order, and gives its account. */
async function accountOf(run: Hivetap, count: number): Promise<Readonly<Record<string, unknown>>> {
  await run.until(({ lines }) => lines.length >= count, `${count} lines`)
  expect(await run.end()).toEqual({ code: 0, signal: null })
  expect(run.lines).toHaveLength(count)
  return run.ledgers.at(-1) ?? {}
}

/** That an account is whole: all is told, or left out because it was others'. */
function expectWhole(account: Readonly<Record<string, unknown>>, delivered: number, truncated = 0): void {
  const { produced, filtered, dropped } = account
  expect(account).toMatchObject({ delivered, sampled_out: 0, in_flight: 0, truncated })
  expect(dropped).toEqual({})
  expect(produced).toBe(delivered + (filtered as number))
}

/** What an event must say of an exec that succeeded: as /proc and the program have it. */
function toldOf(started: Started): object {
  return {
    tool: 'execsnoop',
    pid: started.pid,
    ppid: started.ppid,
    parent_comm: started.parentComm,
    uid: started.uid,
    comm: started.comm,
    args: started.args,
    return_value: 0,
    ...(started.cgroupId === undefined ? {} : { cgroup_id: started.cgroupId }),
    ...(started.caller === 0 ? {} : { tid: started.caller }),
  }
}

/** An exec that must succeed. */
async function started(...words: readonly Word[]): Promise<Started> {
  const result = await caller.exec(...words)
  if (!('args' in result)) throw new Error(`${words[0]} failed: errno ${result.errno}`)
  return result
}

/** Writes a script that all may start. */
function script(name: string, firstLine: string): string {
  const path = folder.at(name)
  writeFileSync(path, `${firstLine}\n`, { mode: 0o755 })
  return path
}

/** Execs in every way, one after the other in one process; what the events must say. */
async function execEverywhere(scripts: boolean): Promise<object[]> {
  const { program } = folder
  const named = folder.at('a name of more than 15')
  symlinkOnce(program, named)
  const simple = script('simple', `#!${program}`)
  const strict = script('strict', `#!${program} -e -x`)
  const nested = script('nested', `#!${strict}`)
  const expected: object[] = []
  const add = (one: Started, more: object) => {
    expected.push({ ...toldOf(one), ...more })
  }
  add(await started('execve', program, 'ab', ...ODD_TEXTS), { filename: program })
  add(await started('execve', named, 'under another name'), { filename: named, comm: 'a name of more ' })
  add(await started('thread', program, 'from a thread', 'a'), { filename: program })
  add(await started('openat', program, 'by a descriptor'), {
    filename: expect.stringMatching(/^\/dev\/fd\/\d+$/),
  })
  add(await started('memfd', program, 'from memory', 'b'), {
    filename: expect.stringMatching(/^\/dev\/fd\/\d+$/),
  })
  add(await started('directory', folder.path, 'caller', 'from a directory'), {
    filename: expect.stringMatching(/^\/dev\/fd\/\d+\/caller$/),
  })
  const interpreter = scripts ? { interpreter: program } : {}
  add(await started('execve', simple, 'lost', 'a', 'b'), { filename: simple, ...interpreter })
  add(await started('execve', strict, 'lost', 'c'), { filename: strict, ...interpreter })
  add(await started('execve', nested, 'lost', 'd', ''), { filename: nested, ...interpreter })
  add(
    await started('execve', program, 'many', ...Array.from({ length: 1000 }, (_, index) => String(index))),
    {
      filename: program,
    },
  )
  return expected
}

function symlinkOnce(target: string, path: string): void {
  try {
    symlinkSync(target, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

for (const rung of RUNGS) {
  for (const buffer of BUFFERS) {
    describeHere(`execsnoop by ${rung} through ${buffer}`, () => {
      it('tells execs, as /proc and the programs have them', async () => {
        const run = await trace(['-o', 'json', '--hook', rung, '--buffer', buffer])
        const expected = await execEverywhere(rung !== 'tracepoint')
        const account = await accountOf(run, expected.length)
        expect(events(run)).toMatchObject(expected)
        expectWhole(account, expected.length)
        for (const event of events(run)) expect(event).not.toHaveProperty('error')
      })

      it('marks arguments that were cut', async () => {
        const run = await trace(['-o', 'json', '--hook', rung, '--buffer', buffer])
        const sizes = [8189, 8190, 20_000]
        const made: Started[] = []
        // A name of one character, and the NUL of each.
        for (const size of sizes) made.push(await started('execve', folder.program, 'n', 'y'.repeat(size)))
        const account = await accountOf(run, sizes.length)
        expect(events(run)).toMatchObject([
          { truncated: false, args: made[0]?.args },
          { truncated: true, args: ['n', 'y'.repeat(8190)] },
          { truncated: true, args: ['n', 'y'.repeat(8190)] },
        ])
        expectWhole(account, sizes.length, 2)
      })

      it('tells execs that fail, with what was asked', async () => {
        const run = await trace(['-x', '-o', 'json', '--hook', rung, '--buffer', buffer])
        const expected = await failEverywhere()
        const account = await accountOf(run, expected.length)
        expect(events(run)).toMatchObject(expected)
        expectWhole(account, expected.length, countTruncated(expected))
      })
    })
  }
}

const countTruncated = (expected: readonly object[]) =>
  expected.filter((event) => 'truncated' in event && event.truncated).length

const texts = (words: readonly Word[]) => words.map((word) => Buffer.from(word as string).toString('utf8'))

/** Execs that fail in every way, and one that succeeds at their end; what the events must say. */
async function failEverywhere(): Promise<object[]> {
  const none = folder.at('none')
  const data = folder.at('data')
  const empty = folder.at('empty')
  writeFileSync(data, 'no program', { mode: 0o644 })
  writeFileSync(empty, '', { mode: 0o755 })
  const orphan = script('orphan', '#!/no/such/interpreter -x')
  const expected: object[] = []
  const add = async (words: readonly Word[], error: string, errno: number, more: object) => {
    const said = await caller.exec(...words)
    expect(said, String(words[0])).toMatchObject({ errno })
    expected.push({
      pid: caller.pid,
      ppid: process.pid,
      parent_comm: readFileSync('/proc/self/comm', 'utf8').slice(0, -1),
      comm: 'caller',
      uid: 0,
      return_value: -errno,
      error,
      ...('tid' in said && words[0] !== 'thread' ? { tid: said.tid } : {}),
      ...more,
    })
  }
  const odd = ODD_TEXTS.map((word) => (word.length === 5000 ? 'short' : word))
  await add(['execve', none, 'none', ...odd], 'ENOENT', 2, {
    filename: none,
    args: ['none', ...texts(odd)],
    truncated: false,
  })
  await add(['execve', data, 'data'], 'EACCES', 13, { filename: data, args: ['data'], truncated: false })
  await add(['execve', empty, 'empty', 'a'], 'ENOEXEC', 8, { filename: empty, args: ['empty', 'a'] })
  await add(['execve', orphan, 'orphan', 'a'], 'ENOENT', 2, { filename: orphan, args: ['orphan', 'a'] })
  await add(['execve', join(data, 'below'), 'x'], 'ENOTDIR', 20, { filename: join(data, 'below') })
  await add(['execve', '', 'no name'], 'ENOENT', 2, { args: ['no name'] })
  await add(['execve', `/${'n'.repeat(5000)}`, 'long'], 'ENAMETOOLONG', 36, {
    filename: `/${'n'.repeat(4094)}`,
    args: ['long'],
    truncated: true,
  })
  await add(['descriptor', '9999', '', 'bad', 'fd'], 'EBADF', 9, {
    filename: '/dev/fd/9999',
    args: ['bad', 'fd'],
  })
  await add(['descriptor', '9999', 'below', 'bad'], 'EBADF', 9, {
    filename: '/dev/fd/9999/below',
    args: ['bad'],
  })
  await add(['openat', data, 'data'], 'EACCES', 13, { filename: expect.stringMatching(/^\/dev\/fd\/\d+$/) })
  await add(['thread', none, 'from', 'a thread'], 'ENOENT', 2, { filename: none, args: ['from', 'a thread'] })
  await add(['execve', none, 'x'.repeat(200_000)], 'ENOENT', 2, {
    filename: none,
    args: ['x'.repeat(4095)],
    truncated: true,
  })
  await add(['execve', folder.program, 'x'.repeat(200_000), 'b'], 'E2BIG', 7, {
    filename: folder.program,
    args: ['x'.repeat(4095), 'b'],
    truncated: true,
  })
  const many = (count: number) => Array.from({ length: count }, (_, index) => `argument ${index}`)
  await add(['execve', none, ...many(32)], 'ENOENT', 2, { args: many(32), truncated: false })
  await add(['execve', none, ...many(33)], 'ENOENT', 2, { args: many(32), truncated: true })
  await add(['execve', none, ...many(4000)], 'ENOENT', 2, { args: many(32), truncated: true })
  const large = Array.from({ length: 5 }, (_, index) => String(index).repeat(3000))
  await add(['execve', none, ...large], 'ENOENT', 2, { args: large.slice(0, 3), truncated: true })
  await add(['pointer', 'filename', 'a'], 'EFAULT', 14, { args: ['a'], truncated: true })
  await add(['pointer', 'argv', folder.program], 'EFAULT', 14, { filename: folder.program, truncated: true })
  await add(['pointer', 'argument', folder.program], 'EFAULT', 14, {
    filename: folder.program,
    args: [folder.program],
    truncated: true,
  })
  expected.push({ ...toldOf(await started('execve', folder.program, 'end')), filename: folder.program })
  return expected
}

/** CAP_BPF and CAP_PERFMON alone, and no tracefs: a pod. */
const WITHOUT_TRACEFS = [
  ...['unshare', '-m', 'sh', '-c'],
  'umount -l /sys/kernel/debug/tracing /sys/kernel/tracing /sys/kernel/debug 2>/dev/null; exec "$0" "$@"',
  ...['setpriv', '--bounding-set', '-all,+cap_38,+cap_39', '--inh-caps', '-all,+cap_38,+cap_39'],
]

describeKernelIf(hasCommand('gcc') && hasCommand('setpriv'))(
  'execsnoop -x without the calls’ tracepoints',
  () => {
    it.each((['tp_btf', 'raw_tp'] as const).flatMap((rung) => BUFFERS.map((buffer) => ({ rung, buffer }))))(
      'tells the same failures by $rung through $buffer',
      async ({ rung, buffer }) => {
        const run = await trace(['-x', '-o', 'json', '--hook', rung, '--buffer', buffer], {
          prefix: WITHOUT_TRACEFS,
        })
        const expected = await failEverywhere()
        const account = await accountOf(run, expected.length)
        expect(events(run)).toMatchObject(expected)
        expectWhole(account, expected.length, countTruncated(expected))
      },
    )
  },
)

describeHere('execsnoop', () => {
  it.each([{ args: [] }, { args: ['--buffer', 'perf'] }])(
    'tells execs on a kernel without BTF: $args',
    async ({ args }) => {
      const run = await trace(['-o', 'json', ...args], { prefix: WITHOUT_BTF })
      const expected = await execEverywhere(false)
      const account = await accountOf(run, expected.length)
      expect(run.stderr).toContain('attached by tracepoint')
      expect(run.stderr).toContain('interpreter is not known here')
      expect(events(run)).toMatchObject(expected)
      for (const event of events(run)) expect(event).not.toHaveProperty('interpreter')
      expectWhole(account, expected.length)
    },
  )

  it('tells execs that fail on a kernel without BTF', async () => {
    const run = await trace(['-x', '-o', 'json'], { prefix: WITHOUT_BTF })
    const expected = await failEverywhere()
    const account = await accountOf(run, expected.length)
    expect(events(run)).toMatchObject(expected)
    expectWhole(account, expected.length, countTruncated(expected))
  })

  it('tells nothing of execs that fail unless asked to', async () => {
    const run = await trace(['-o', 'json'])
    expect(await caller.exec('execve', folder.at('none'), 'a')).toMatchObject({ errno: 2 })
    const made = await started('execve', folder.program, 'end')
    expectWhole(await accountOf(run, 1), 1)
    expect(events(run)).toMatchObject([toldOf(made)])
  })

  it.each(RUNGS)('tells the working directory by %s', async (rung) => {
    const deep = Array.from({ length: 30 }, (_, index) => `d${index}`)
    mkdirSync(folder.at('cwd', ...deep), { recursive: true })
    mkdirSync(folder.at('cwd', 'ünï\ncode "q"', 'n'.repeat(255)), { recursive: true })
    const depth = folder.path.split('/').length
    const here = (count: number) => folder.at('cwd', ...deep.slice(0, count))
    const directories = [
      '/',
      '/proc',
      '/proc/self/..',
      '/sys/kernel',
      '/dev',
      // A mount below a mount.
      cgroup2Mount() ?? '/',
      folder.path,
      folder.at('cwd', 'ünï\ncode "q"'),
      folder.at('cwd', 'ünï\ncode "q"', 'n'.repeat(255)),
      // Twenty directories in all.
      here(20 - depth),
    ]
    const run = await trace(['-w', '-o', 'json', '--hook', rung])
    const expected: object[] = []
    for (const directory of directories) {
      expect(await caller.ask('chdir', directory)).toMatchObject({ errno: 0 })
      const made = await started('execve', folder.program, 'here')
      expected.push({ ...toldOf(made), cwd: made.cwd, truncated: false })
    }
    expect(await caller.ask('chdir', here(30))).toMatchObject({ errno: 0 })
    await started('execve', folder.program, 'deep')
    const account = await accountOf(run, expected.length + 1)
    expect(events(run).slice(0, -1)).toMatchObject(expected)
    expect(events(run).at(-1)).not.toHaveProperty('cwd')
    expect(events(run).at(-1)).toMatchObject({ args: ['deep'], truncated: false })
    expectWhole(account, expected.length + 1)
  })

  it('tells no working directory without BTF, nor where it was not asked for', async () => {
    const hidden = await trace(['-w', '-o', 'json'], { prefix: WITHOUT_BTF })
    const plain = await trace(['-o', 'json'])
    await started('execve', folder.program, 'a')
    await accountOf(hidden, 1)
    await accountOf(plain, 1)
    expect(hidden.stderr).toContain('cwd is not known here; it takes a kernel with BTF')
    for (const run of [hidden, plain]) expect(events(run)[0]).not.toHaveProperty('cwd')
  })

  it.each([
    { args: [], rows: ['FILE a b c', 'SCRIPT d', 'FILE e f'] },
    { args: ['--max-args', '2'], rows: ['FILE a ...', 'SCRIPT d', 'FILE e ...'] },
    { args: ['-q'], rows: ['"FILE" "a" "b c"', '"SCRIPT" "d"', '"FILE" "e" "f"'] },
    { args: ['-n', 'cal'], rows: ['FILE a b c', 'FILE e f'] },
    { args: ['-n', 'simp', '-l', ' d'], rows: ['SCRIPT d'] },
    { args: ['-l', 'b c'], rows: ['FILE a b c'] },
    { args: ['-l', 'e f', '--max-args', '1'], rows: ['FILE ...'] },
  ])('prints a row for each: $args', async ({ args, rows }) => {
    const simple = script('simple', `#!${folder.program} -e`)
    const run = await trace(args)
    await started('execve', folder.program, 'x', 'a', 'b c')
    await started('execve', simple, 'x', 'd')
    const { ppid } = await started('execve', folder.program, 'x', 'e', 'f')
    // The header, and a row for each; all that is left out was seen to be left out.
    await run.until(({ lines }) => lines.length > rows.length, 'rows')
    await run.end()
    const told = rows.map((row) => {
      const comm = row.includes('SCRIPT') ? 'simple' : 'caller'
      const words = row.replace('FILE', folder.program).replace('SCRIPT', simple)
      return printf('%-16s %-6d %-6d %3d %s', comm, caller.pid, ppid, 0, words)
    })
    expect(run.lines).toEqual([
      printf('%-16s %-6s %-6s %3s %s', 'PCOMM', 'PID', 'PPID', 'RET', 'ARGS'),
      ...told,
    ])
    expect(run.stderr).toMatch(
      new RegExp(
        `^hivetap: \\d+ execs: ${rows.length} told, \\d+ left out by filters, 0 under way, 0 lost$`,
        'm',
      ),
    )
  })

  it('shows on the last rung what the program is given', async () => {
    const simple = script('simple', `#!${folder.program} -e`)
    const run = await trace(['--hook', 'tracepoint'])
    await started('execve', simple, 'x', 'd')
    await run.until(({ lines }) => lines.length === 2, 'a row')
    expect(run.lines[1]?.endsWith(` ${folder.program} -e ${simple} d`)).toBe(true)
  })

  it('marks in the table what was cut', async () => {
    const run = await trace([])
    await started('execve', folder.program, 'x', 'y'.repeat(10_000))
    await run.until(({ lines }) => lines.length === 2, 'a row')
    expect(run.lines[1]?.endsWith(`${'y'.repeat(8190)} ...`)).toBe(true)
  })

  it.each(BUFFERS.flatMap((buffer) => RUNGS.map((rung) => ({ buffer, rung }))))(
    'tells a sample by $rung through $buffer, and how many it left out',
    async ({ buffer, rung }) => {
      const run = await trace(['-o', 'json', '--sample', '1/2', '--hook', rung, '--buffer', buffer])
      await started('self', '400', folder.program)
      expect(await run.end()).toEqual({ code: 0, signal: null })
      const account = run.ledgers.at(-1) as Readonly<Record<string, number>>
      expect(account).toMatchObject({ in_flight: 0, delivered: run.lines.length })
      expect(account['dropped']).toEqual({})
      const { produced = 0, filtered = 0, delivered = 0, sampled_out = 0 } = account
      expect(delivered + sampled_out).toBe(400)
      expect(produced).toBe(400 + filtered)
      // Six standard deviations of 400 throws of a coin.
      expect(Math.abs(delivered - 200)).toBeLessThan(60)
      for (const event of events(run)) expect(event).toMatchObject({ pid: caller.pid, sample: 2 })
    },
  )

  it.each([
    { path: '', code: 2, why: 'a path has a character at least' },
    { path: '/no/such/cgroup', code: 1, why: 'Cannot open the cgroup /no/such/cgroup: ENOENT' },
    { path: '/etc/passwd', code: 1, why: 'Cannot open the cgroup /etc/passwd: ENOTDIR' },
    { path: '/proc', code: 1, why: 'Cannot tell by /proc: it is not the directory of a cgroup' },
  ])('refuses what is no cgroup: $path', async ({ path, code, why }) => {
    const run = new Hivetap(['execsnoop', '-c', path])
    runs.push(run)
    expect((await run.ended()).code).toBe(code)
    expect(run.stderr).toContain(why)
    expect(run.stdout).toBe('')
  })
})

describeKernelIf(hasCommand('gcc') && hasCommand('setpriv'))('execsnoop -u', () => {
  it.each(RUNGS)('tells the execs of one user alone, by %s', async (rung) => {
    const another = await startCaller(AS_ANOTHER_USER)
    const run = await trace(['-x', '-o', 'json', '-u', String(ANOTHER_USER), '--hook', rung])
    await started('execve', folder.program, 'not this')
    await another.exec('execve', folder.at('none'), 'none')
    const made = (await another.exec('thread', folder.program, 'this')) as Started
    const account = await accountOf(run, 2)
    expect(events(run)).toMatchObject([
      { uid: ANOTHER_USER, pid: another.pid, return_value: -2, args: ['none'] },
      { ...toldOf(made), uid: ANOTHER_USER },
    ])
    expectWhole(account, 2)
    expect(account['filtered']).toBeGreaterThan(0)
  })
})

let ofTests: TestCgroup | undefined
function someCgroup(): boolean {
  using made = TestCgroup.create()
  return made !== undefined
}

describeKernelIf(hasCommand('gcc') && someCgroup())('execsnoop -c', () => {
  beforeEach(() => {
    ofTests = TestCgroup.create()
  })
  afterEach(async () => {
    for (const one of callers.splice(0)) await one.stop()
    ofTests?.close()
  })

  it.each(RUNGS)('tells what is in a cgroup, or below it, by %s', async (rung) => {
    const group = ofTests as TestCgroup
    const below = group.within('below')
    try {
      const run = await trace(['-c', group.path, '-x', '-o', 'json', '--hook', rung])
      await started('execve', folder.program, 'outside')
      group.add(caller.pid)
      const within = await started('execve', folder.program, 'within')
      await caller.exec('execve', folder.at('none'), 'none')
      below.add(caller.pid)
      const further = await started('execve', folder.program, 'below')
      const account = await accountOf(run, 3)
      expect(within.cgroupId).not.toBe(further.cgroupId)
      expect(events(run)).toMatchObject([
        toldOf(within),
        { pid: caller.pid, cgroup_id: within.cgroupId, error: 'ENOENT', args: ['none'] },
        toldOf(further),
      ])
      expectWhole(account, 3)
      expect(account['filtered']).toBeGreaterThan(0)
    } finally {
      await caller.stop()
      below.close()
    }
  })
})

describeHere('the account of execsnoop under load', () => {
  it.each(
    BUFFERS.flatMap((buffer) => [
      { buffer, args: [] },
      { buffer, args: ['-x'] },
    ]),
  )('is exact, through $buffer, $args', async ({ buffer, args }) => {
    const count = 20_000
    const run = await trace(['-o', 'json', '-p', String(caller.pid), '--buffer', buffer, ...args])
    await started('self', String(count), folder.program)
    expect(await run.end()).toEqual({ code: 0, signal: null })
    expectCounted(run.ledgers.at(-1) ?? {}, run.lines.length, count)
  })

  it.each(BUFFERS)('is exact, for as many processes, through %s', async (buffer) => {
    const count = 5000
    const another = await startCaller(AS_ANOTHER_USER)
    const run = await trace(['-o', 'json', '-u', String(ANOTHER_USER), '--buffer', buffer])
    expect(await another.ask('storm', String(count), folder.program, 'a', '--end')).toMatchObject({
      started: count,
    })
    expect(await run.end()).toEqual({ code: 0, signal: null })
    expectCounted(run.ledgers.at(-1) ?? {}, run.lines.length, count)
  })

  it.each(BUFFERS.flatMap((buffer) => RUNGS.map((rung) => ({ buffer, rung }))))(
    'is exact where a buffer of a page is read late, by $rung through $buffer',
    async ({ buffer, rung }) => {
      const count = 1000
      const small = { ...execsnoop, sizes: [{ entries: 8, bufferBytes: 4096 }] } as const
      const { session } = openTool(small, { pid: caller.pid }, { buffer, rung })
      try {
        const { events: source } = session
        let delivered = 0
        const read = () => source.drain(() => delivered++, 1000)
        // Nobody reads meanwhile: the first are kept, and all that come when it is full are lost.
        await started('self', String(count), folder.program)
        read()
        await started('execve', folder.program, 'there is room again')
        session.detach()
        while (read() > 0);
        const { received, malformed } = source
        const balance = session.balance({ received, malformed, delivered, ended: true })
        expect(received).toBe(delivered)
        expect(delivered).toBeGreaterThan(1)
        expect(balance).toMatchObject({ delivered, inFlight: 0, sampledOut: 0, truncated: 0 })
        expect(balance.produced).toBe(count + 1 + balance.filtered)
        expect([...balance.dropped]).toEqual([['buffer_full', count + 1 - delivered]])
      } finally {
        session.close()
      }
    },
  )

  it.each(BUFFERS)('is whole where more fail at once than are followed, through %s', async (buffer) => {
    const small = { ...execsnoop, sizes: [{ entries: 1, bufferBytes: 1 << 16 }] } as const
    const others = await Promise.all(Array.from({ length: 4 }, () => startCaller()))
    const { session } = openTool(small, { fails: true }, { buffer })
    try {
      const { events: source } = session
      let delivered = 0
      const read = () => source.drain(() => delivered++, 1000)
      for (let round = 0; round < 50; round++) {
        await Promise.all(others.map((one) => one.exec('execve', folder.at('none'), 'none')))
        read()
      }
      session.detach()
      while (read() > 0);
      const { received, malformed } = source
      const balance = session.balance({ received, malformed, delivered, ended: true })
      const { buffer_full = 0, end_missed = 0, ...rest } = Object.fromEntries(balance.dropped)
      expect(rest).toEqual({})
      expect(balance.inFlight).toBe(0)
      expect(balance.produced).toBe(delivered + buffer_full + end_missed)
      expect(balance.produced).toBeGreaterThanOrEqual(200)
    } finally {
      session.close()
    }
  })
})

/** That an account tells of as many as the test has made: each told, or lost to the buffer. */
function expectCounted(account: Readonly<Record<string, unknown>>, lines: number, count: number): void {
  const { produced, filtered, delivered, dropped } = account as Readonly<Record<string, number>> & {
    readonly dropped: Readonly<Record<string, number>>
  }
  const { buffer_full = 0, ...others } = dropped
  expect(others).toEqual({})
  expect(account).toMatchObject({ in_flight: 0, sampled_out: 0, truncated: 0, delivered: lines })
  expect((delivered as number) + buffer_full).toBe(count)
  expect(produced).toBe(count + (filtered as number))
}
