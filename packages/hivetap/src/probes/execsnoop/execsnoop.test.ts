import { describe, expect, it } from 'vitest'
import { printf } from '../../../../../test/support/printf.js'
import { Table } from '../../sinks/table.js'
import type { ExecEvent } from './execsnoop.bpf.js'
import { type ExecsnoopOptions, execsnoop } from './execsnoop.js'

const EVENT: ExecEvent = {
  timeNs: 5e9,
  toolIndex: 0,
  pid: 4711,
  cgroupId: 99,
  cgroupKey: 99n,
  processStartNs: 3e9,
  argumentsAt: 0x7ffc_0000_1000,
  comm: 'ls',
  parentComm: 'bash',
  ppid: 42,
  tid: 4711,
  uid: 1000,
  returnValue: 0,
  directoryFd: -100,
  truncated: false,
  kind: 'program',
  cwdKnown: true,
  args: ['ls', '-l', 'a b'],
  filename: '/bin/ls',
  cwd: ['me', 'home'],
}

/** The line of an event. */
function lineOf(
  event: ExecEvent,
  options: ExecsnoopOptions,
  missing: ReadonlyMap<string, string> = new Map(),
): string {
  return new Table(execsnoop.columns(options), () => undefined, missing).line(event).trimEnd()
}

/** The formats of bcc's libbpf-tools/execsnoop.c: main, handle_event. */
describe('the columns of execsnoop', () => {
  const COLUMNS = '%-16s %-6s %-6s %3s %s'
  const HEADERS = ['PCOMM', 'PID', 'PPID', 'RET', 'ARGS']
  const VALUES = ['ls', 4711, 42, 0, '/bin/ls -l a b']

  it.each([
    { options: {}, format: COLUMNS, headers: HEADERS, values: VALUES },
    {
      options: { timestamp: true },
      format: `%-8s ${COLUMNS}`,
      headers: ['TIME(s)', ...HEADERS],
      values: ['0.000', ...VALUES],
    },
    {
      options: { printUid: true },
      format: `%-6s ${COLUMNS}`,
      headers: ['UID', ...HEADERS],
      values: [1000, ...VALUES],
    },
    {
      options: { timestamp: true, printUid: true },
      format: `%-8s %-6s ${COLUMNS}`,
      headers: ['TIME(s)', 'UID', ...HEADERS],
      values: ['0.000', 1000, ...VALUES],
    },
    {
      options: { wide: true },
      format: '%-16s %-6s %-6s %-16s %-8s %3s %-16s %s',
      headers: ['PCOMM', 'PID', 'PPID', 'PARENT', 'CGROUP', 'RET', 'CWD', 'ARGS'],
      values: ['ls', 4711, 42, 'bash', 99, 0, '/home/me', '/bin/ls -l a b'],
    },
  ])('are bcc’s, with $options', ({ options, format, headers, values }) => {
    const table = new Table(execsnoop.columns(options), () => undefined, new Map())
    expect(table.head.trimEnd()).toBe(printf(format, ...headers))
    expect(lineOf(EVENT, options)).toBe(printf(format, ...values))
  })

  it('begin with the time of day with -T', () => {
    const format = `%-8s ${COLUMNS}`
    const table = new Table(execsnoop.columns({ time: true }), () => undefined, new Map())
    expect(table.head.trimEnd()).toBe(printf(format, 'TIME', ...HEADERS))
    const line = lineOf(EVENT, { time: true })
    expect(line).toMatch(/^[0-2]\d:[0-5]\d:[0-5]\d /)
    expect(line.slice(9)).toBe(printf(COLUMNS, ...VALUES))
  })

  it.each([
    { what: 'in quotation marks', options: { quote: true }, text: '"/bin/ls" "-l" "a b"' },
    { what: 'all, where as many may be shown', options: { maxArgs: 3 }, text: '/bin/ls -l a b' },
    { what: 'no more than may be shown', options: { maxArgs: 2 }, text: '/bin/ls -l ...' },
    { what: 'one, in quotation marks', options: { maxArgs: 1, quote: true }, text: '"/bin/ls" ...' },
  ])('show of the arguments $what', ({ options, text }) => {
    expect(lineOf(EVENT, options)).toBe(printf(COLUMNS, ...VALUES.slice(0, 4), text))
  })

  it('mark arguments that were cut', () => {
    const event = { ...EVENT, truncated: true }
    expect(lineOf(event, {})).toBe(printf(COLUMNS, ...VALUES.slice(0, 4), '/bin/ls -l a b ...'))
  })

  it('show the error number of one that failed, negative', () => {
    const event = { ...EVENT, returnValue: -13, kind: 'unknown' } as const
    expect(lineOf(event, {})).toBe(printf(COLUMNS, 'ls', 4711, 42, -13, '/bin/ls -l a b'))
  })

  it('show a dash where nothing can be known', () => {
    const missing = new Map(['ppid', 'parent_comm', 'cwd'].map((field) => [field, 'BTF']))
    const format = '%-16s %-6s %-6s %-16s %-8s %3s %-16s %s'
    expect(lineOf(EVENT, { wide: true }, missing)).toBe(
      printf(format, 'ls', 4711, '-', '-', 99, 0, '-', '/bin/ls -l a b'),
    )
    expect(lineOf({ ...EVENT, cwdKnown: false, cwd: [] }, { wide: true })).toBe(
      printf(format, 'ls', 4711, 42, 'bash', 99, 0, '-', '/bin/ls -l a b'),
    )
  })

  it('show nothing that a terminal would act on', () => {
    const event = { ...EVENT, args: ['ls', '\u001b[2J', 'a\nb', '\u202e'] }
    expect(lineOf(event, {})).toBe(printf(COLUMNS, ...VALUES.slice(0, 4), '/bin/ls ?[2J a?b ?'))
  })
})

describe('execsnoop leaves out', () => {
  const isWanted = (options: ExecsnoopOptions, event = EVENT) => execsnoop.wanted?.(options)?.(event)

  it('nothing unless asked to', () => {
    expect(execsnoop.wanted?.({})).toBeUndefined()
  })

  it.each([
    { options: { name: 'l' }, wanted: true },
    { options: { name: 'LS' }, wanted: false },
    { options: { name: 'bash' }, wanted: false },
    { options: { line: '/bin/ls -l' }, wanted: true },
    { options: { line: 'l a b' }, wanted: true },
    { options: { line: 'ls -l a c' }, wanted: false },
    { options: { name: 'ls', line: 'nothing' }, wanted: false },
    { options: { name: 'nothing', line: 'ls' }, wanted: false },
    { options: { name: 'ls', line: '-l' }, wanted: true },
  ])('what $options does not hold in', ({ options, wanted }) => {
    expect(isWanted(options)).toBe(wanted)
  })

  it('not what has the text in words that are not shown', () => {
    expect(isWanted({ line: 'a b', maxArgs: 1 })).toBe(true)
  })
})

describe('the fields of an exec', () => {
  const fieldsOf = (event: ExecEvent) =>
    Object.fromEntries(execsnoop.fields.map(({ name, value }) => [name, value(event)]))

  it('are those of the struct, and what is made of them', () => {
    expect(fieldsOf(EVENT)).toMatchObject({
      pid: 4711,
      ppid: 42,
      parent_comm: 'bash',
      args: ['ls', '-l', 'a b'],
      filename: '/bin/ls',
      cwd: '/home/me',
      return_value: 0,
      error: undefined,
      interpreter: undefined,
    })
  })

  it('name the error, the interpreter and the descriptor', () => {
    expect(fieldsOf({ ...EVENT, returnValue: -8, directoryFd: 3, filename: '' })).toMatchObject({
      error: 'ENOEXEC',
      filename: '/dev/fd/3',
    })
    expect(fieldsOf({ ...EVENT, kind: 'script' })).toMatchObject({ interpreter: 'ls' })
  })

  it('leave out what is not known', () => {
    expect(fieldsOf({ ...EVENT, cwdKnown: false, filename: '' })).toMatchObject({
      cwd: undefined,
      filename: undefined,
    })
  })
})
