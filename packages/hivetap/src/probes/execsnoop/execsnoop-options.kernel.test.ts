import { mkdirSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cgroup2Mount, TestCgroup } from '../../../../../test/support/cgroup.js'
import { hasCommand } from '../../../../../test/support/commands.js'
import type { Started } from '../../../../../test/support/exec-caller.js'
import {
  ANOTHER_USER,
  AS_ANOTHER_USER,
  accountOf,
  ExecScene,
  expectWhole,
  toldOf,
} from '../../../../../test/support/exec-scene.js'
import { events, WITHOUT_BTF } from '../../../../../test/support/hivetap.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { printf } from '../../../../../test/support/printf.js'
import { BUFFERS, RUNGS } from '../tool.js'

const describeHere = describeKernelIf(hasCommand('gcc'))
const scene = ExecScene.forTests()

describeHere('execsnoop', () => {
  it('tells nothing of execs that fail unless asked to', async () => {
    const run = await scene.trace(['-o', 'json'])
    expect(await scene.caller.exec('execve', scene.folder.at('none'), 'a')).toMatchObject({ errno: 2 })
    const made = await scene.started('execve', scene.folder.program, 'end')
    expectWhole(await accountOf(run, 1), 1)
    expect(events(run)).toMatchObject([toldOf(made)])
  })

  it.each(RUNGS)('tells the working directory by %s', async (rung) => {
    const deep = Array.from({ length: 30 }, (_, index) => `d${index}`)
    mkdirSync(scene.folder.at('cwd', ...deep), { recursive: true })
    mkdirSync(scene.folder.at('cwd', 'ünï\ncode "q"', 'n'.repeat(255)), { recursive: true })
    const depth = scene.folder.path.split('/').length
    const here = (count: number) => scene.folder.at('cwd', ...deep.slice(0, count))
    const directories = [
      '/',
      '/proc',
      '/proc/self/..',
      '/sys/kernel',
      '/dev',
      // A mount below a mount.
      cgroup2Mount() ?? '/',
      scene.folder.path,
      scene.folder.at('cwd', 'ünï\ncode "q"'),
      scene.folder.at('cwd', 'ünï\ncode "q"', 'n'.repeat(255)),
      // Twenty directories in all.
      here(20 - depth),
    ]
    const run = await scene.trace(['-w', '-o', 'json', '--hook', rung])
    const expected: object[] = []
    for (const directory of directories) {
      expect(await scene.caller.ask('chdir', directory)).toMatchObject({ errno: 0 })
      const made = await scene.started('execve', scene.folder.program, 'here')
      expected.push({ ...toldOf(made), cwd: made.cwd, truncated: false })
    }
    expect(await scene.caller.ask('chdir', here(30))).toMatchObject({ errno: 0 })
    await scene.started('execve', scene.folder.program, 'deep')
    const account = await accountOf(run, expected.length + 1)
    expect(events(run).slice(0, -1)).toMatchObject(expected)
    expect(events(run).at(-1)).not.toHaveProperty('cwd')
    expect(events(run).at(-1)).toMatchObject({ args: ['deep'], truncated: false })
    expectWhole(account, expected.length + 1)
  })

  it('tells no working directory without BTF, nor where it was not asked for', async () => {
    const hidden = await scene.trace(['-w', '-o', 'json'], { prefix: WITHOUT_BTF })
    const plain = await scene.trace(['-o', 'json'])
    await scene.started('execve', scene.folder.program, 'a')
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
    const simple = scene.script('simple', `#!${scene.folder.program} -e`)
    const run = await scene.trace(args)
    await scene.started('execve', scene.folder.program, 'x', 'a', 'b c')
    await scene.started('execve', simple, 'x', 'd')
    const { ppid } = await scene.started('execve', scene.folder.program, 'x', 'e', 'f')
    // The header, and a row for each; all that is left out was seen to be left out.
    await run.until(({ lines }) => lines.length > rows.length, 'rows')
    await run.end()
    const told = rows.map((row) => {
      const comm = row.includes('SCRIPT') ? 'simple' : 'caller'
      const words = row.replace('FILE', scene.folder.program).replace('SCRIPT', simple)
      return printf('%-16s %-6d %-6d %3d %s', comm, scene.caller.pid, ppid, 0, words)
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
    const simple = scene.script('simple', `#!${scene.folder.program} -e`)
    const run = await scene.trace(['--hook', 'tracepoint'])
    await scene.started('execve', simple, 'x', 'd')
    await run.until(({ lines }) => lines.length === 2, 'a row')
    expect(run.lines[1]?.endsWith(` ${scene.folder.program} -e ${simple} d`)).toBe(true)
  })

  it('marks in the table what was cut', async () => {
    const run = await scene.trace([])
    await scene.started('execve', scene.folder.program, 'x', 'y'.repeat(10_000))
    await run.until(({ lines }) => lines.length === 2, 'a row')
    expect(run.lines[1]?.endsWith(`${'y'.repeat(8190)} ...`)).toBe(true)
  })

  it.each(BUFFERS.flatMap((buffer) => RUNGS.map((rung) => ({ buffer, rung }))))(
    'tells a sample by $rung through $buffer, and how many it left out',
    async ({ buffer, rung }) => {
      const run = await scene.trace(['-o', 'json', '--sample', '1/2', '--hook', rung, '--buffer', buffer])
      await scene.started('self', '400', scene.folder.program)
      expect(await run.end()).toEqual({ code: 0, signal: null })
      const account = run.ledgers.at(-1) as Readonly<Record<string, number>>
      expect(account).toMatchObject({ in_flight: 0, delivered: run.lines.length })
      expect(account['dropped']).toEqual({})
      const { produced = 0, filtered = 0, delivered = 0, sampled_out = 0 } = account
      expect(delivered + sampled_out).toBe(400)
      expect(produced).toBe(400 + filtered)
      // Six standard deviations of 400 throws of a coin.
      expect(Math.abs(delivered - 200)).toBeLessThan(60)
      for (const event of events(run)) expect(event).toMatchObject({ pid: scene.caller.pid, sample: 2 })
    },
  )

  it.each([
    { path: '', code: 2, why: 'a path has a character at least' },
    { path: '/no/such/cgroup', code: 1, why: 'Cannot open the cgroup /no/such/cgroup: ENOENT' },
    { path: '/etc/passwd', code: 1, why: 'Cannot open the cgroup /etc/passwd: ENOTDIR' },
    { path: '/proc', code: 1, why: 'Cannot tell by /proc: it is not the directory of a cgroup' },
  ])('refuses what is no cgroup: $path', async ({ path, code, why }) => {
    const run = scene.start(['execsnoop', '-c', path])
    expect((await run.ended()).code).toBe(code)
    expect(run.stderr).toContain(why)
    expect(run.stdout).toBe('')
  })
})

describeKernelIf(hasCommand('gcc') && hasCommand('setpriv'))('execsnoop -u', () => {
  it.each(RUNGS)('tells the execs of one user alone, by %s', async (rung) => {
    const another = await scene.startCaller(AS_ANOTHER_USER)
    const run = await scene.trace(['-x', '-o', 'json', '-u', String(ANOTHER_USER), '--hook', rung])
    await scene.started('execve', scene.folder.program, 'not this')
    await another.exec('execve', scene.folder.at('none'), 'none')
    const made = (await another.exec('thread', scene.folder.program, 'this')) as Started
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
    await scene.stopCallers()
    ofTests?.close()
  })

  it.each(RUNGS)('tells what is in a cgroup, or below it, by %s', async (rung) => {
    const group = ofTests as TestCgroup
    const below = group.within('below')
    try {
      const run = await scene.trace(['-c', group.path, '-x', '-o', 'json', '--hook', rung])
      await scene.started('execve', scene.folder.program, 'outside')
      group.add(scene.caller.pid)
      const within = await scene.started('execve', scene.folder.program, 'within')
      await scene.caller.exec('execve', scene.folder.at('none'), 'none')
      below.add(scene.caller.pid)
      const further = await scene.started('execve', scene.folder.program, 'below')
      const account = await accountOf(run, 3)
      expect(within.cgroupId).not.toBe(further.cgroupId)
      expect(events(run)).toMatchObject([
        toldOf(within),
        { pid: scene.caller.pid, cgroup_id: within.cgroupId, error: 'ENOENT', args: ['none'] },
        toldOf(further),
      ])
      expectWhole(account, 3)
      expect(account['filtered']).toBeGreaterThan(0)
    } finally {
      await scene.caller.stop()
      below.close()
    }
  })
})
