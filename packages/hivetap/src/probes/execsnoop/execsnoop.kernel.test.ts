import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hasCommand } from '../../../../../test/support/commands.js'
import type { Started, Word } from '../../../../../test/support/exec-caller.js'
import { accountOf, ExecScene, expectWhole, toldOf } from '../../../../../test/support/exec-scene.js'
import { events, WITHOUT_BTF } from '../../../../../test/support/hivetap.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { BUFFERS, RUNGS } from '../tool.js'

const describeHere = describeKernelIf(hasCommand('gcc'))
const scene = ExecScene.forTests()

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

/** Execs in every way, one after the other in one process; what the events must say. */
async function execEverywhere(scripts: boolean): Promise<object[]> {
  const { program } = scene.folder
  const named = scene.symlink('a name of more than 15')
  const simple = scene.script('simple', `#!${program}`)
  const strict = scene.script('strict', `#!${program} -e -x`)
  const nested = scene.script('nested', `#!${strict}`)
  const expected: object[] = []
  const add = (one: Started, more: object) => {
    expected.push({ ...toldOf(one), ...more })
  }
  add(await scene.started('execve', program, 'ab', ...ODD_TEXTS), { filename: program })
  add(await scene.started('execve', named, 'under another name'), {
    filename: named,
    comm: 'a name of more ',
  })
  add(await scene.started('thread', program, 'from a thread', 'a'), { filename: program })
  add(await scene.started('openat', program, 'by a descriptor'), {
    filename: expect.stringMatching(/^\/dev\/fd\/\d+$/),
  })
  add(await scene.started('memfd', program, 'from memory', 'b'), {
    filename: expect.stringMatching(/^\/dev\/fd\/\d+$/),
  })
  add(await scene.started('directory', scene.folder.path, 'caller', 'from a directory'), {
    filename: expect.stringMatching(/^\/dev\/fd\/\d+\/caller$/),
  })
  const interpreter = scripts ? { interpreter: program } : {}
  add(await scene.started('execve', simple, 'lost', 'a', 'b'), { filename: simple, ...interpreter })
  add(await scene.started('execve', strict, 'lost', 'c'), { filename: strict, ...interpreter })
  add(await scene.started('execve', nested, 'lost', 'd', ''), { filename: nested, ...interpreter })
  add(
    await scene.started(
      'execve',
      program,
      'many',
      ...Array.from({ length: 1000 }, (_, index) => String(index)),
    ),
    {
      filename: program,
    },
  )
  return expected
}

for (const rung of RUNGS) {
  for (const buffer of BUFFERS) {
    describeHere(`execsnoop by ${rung} through ${buffer}`, () => {
      it('tells execs, as /proc and the programs have them', async () => {
        const run = await scene.trace(['-o', 'json', '--hook', rung, '--buffer', buffer])
        const expected = await execEverywhere(rung !== 'tracepoint')
        const account = await accountOf(run, expected.length)
        expect(events(run)).toMatchObject(expected)
        expectWhole(account, expected.length)
        for (const event of events(run)) expect(event).not.toHaveProperty('error')
      })

      it('marks arguments that were cut', async () => {
        const run = await scene.trace(['-o', 'json', '--hook', rung, '--buffer', buffer])
        const sizes = [8189, 8190, 20_000]
        const made: Started[] = []
        // A name of one character, and the NUL of each.
        for (const size of sizes)
          made.push(await scene.started('execve', scene.folder.program, 'n', 'y'.repeat(size)))
        const account = await accountOf(run, sizes.length)
        expect(events(run)).toMatchObject([
          { truncated: false, args: made[0]?.args },
          { truncated: true, args: ['n', 'y'.repeat(8190)] },
          { truncated: true, args: ['n', 'y'.repeat(8190)] },
        ])
        expectWhole(account, sizes.length, 2)
      })

      it('tells execs that fail, with what was asked', async () => {
        const run = await scene.trace(['-x', '-o', 'json', '--hook', rung, '--buffer', buffer])
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
  const none = scene.folder.at('none')
  const data = scene.folder.at('data')
  const empty = scene.folder.at('empty')
  writeFileSync(data, 'no program', { mode: 0o644 })
  writeFileSync(empty, '', { mode: 0o755 })
  const orphan = scene.script('orphan', '#!/no/such/interpreter -x')
  const expected: object[] = []
  const add = async (words: readonly Word[], error: string, errno: number, more: object) => {
    const said = await scene.caller.exec(...words)
    expect(said, String(words[0])).toMatchObject({ errno })
    expected.push({
      pid: scene.caller.pid,
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
  await add(['execve', scene.folder.program, 'x'.repeat(200_000), 'b'], 'E2BIG', 7, {
    filename: scene.folder.program,
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
  await add(['pointer', 'argv', scene.folder.program], 'EFAULT', 14, {
    filename: scene.folder.program,
    truncated: true,
  })
  await add(['pointer', 'argument', scene.folder.program], 'EFAULT', 14, {
    filename: scene.folder.program,
    args: [scene.folder.program],
    truncated: true,
  })
  expected.push({
    ...toldOf(await scene.started('execve', scene.folder.program, 'end')),
    filename: scene.folder.program,
  })
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
        const run = await scene.trace(['-x', '-o', 'json', '--hook', rung, '--buffer', buffer], {
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

describeHere('execsnoop without BTF', () => {
  it.each([{ args: [] }, { args: ['--buffer', 'perf'] }])(
    'tells execs on a kernel without BTF: $args',
    async ({ args }) => {
      const run = await scene.trace(['-o', 'json', ...args], { prefix: WITHOUT_BTF })
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
    const run = await scene.trace(['-x', '-o', 'json'], { prefix: WITHOUT_BTF })
    const expected = await failEverywhere()
    const account = await accountOf(run, expected.length)
    expect(events(run)).toMatchObject(expected)
    expectWhole(account, expected.length, countTruncated(expected))
  })
})
